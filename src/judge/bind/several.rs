//! Tests in which several columns vary: of places that have the same cells only the first is asked about.

use hashbrown::HashMap;

use super::bound::Places;
use crate::judge::Context;
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{ColumnRef, Condition, Dependency, Frame, Test};

/// A test that the cells of several columns decide, and the declaration.
pub struct SeveralCells<'a> {
    /// The test, as a condition.
    pub(super) condition: &'a Condition,
    test: &'a Test,
    /// The columns, each with the dictionary index for each row or each entry.
    columns: Vec<(ColumnRef, &'a [u32])>,
}

/// Most columns whose cells are a key to a remembered answer.
const MAX_COLUMNS: usize = 3;

/// The cells that decide in a scope, and its declaration: 32 bits each.
type Deciding = u128;

const _: () = assert!((MAX_COLUMNS as u32 + 1) * u32::BITS <= Deciding::BITS);

/// How many places are evaluated before it is known whether many of them have the same cells.
const SAMPLE: usize = 64;

impl<'a> Context<'a> {
    /// Binds a test that cells of several columns decide; `None`: something else decides too.
    pub(super) fn bind_several(
        &'a self,
        condition: &'a Condition,
        test: &'a Test,
    ) -> Option<SeveralCells<'a>> {
        let mut found: Vec<ColumnRef> = Vec::new();
        let mut alone = !test.predicate.is_of_place();
        test.reads(&mut |read| match read {
            Dependency::Cell(ColumnRef { of: Frame::Line, .. }) => alone = false,
            Dependency::Cell(column) if found.contains(&column) => {}
            Dependency::Cell(column) => found.push(column),
            Dependency::Account(_) | Dependency::Declaration(_) | Dependency::Exported(_) => {}
            Dependency::Entry
            | Dependency::Readability(_)
            | Dependency::Rows(_)
            | Dependency::Line(_)
            | Dependency::Written(_)
            | Dependency::WholeFile(..)
            | Dependency::Figure(..) => alone = false,
        });
        if !alone || found.len() > MAX_COLUMNS {
            return None;
        }
        let cells = |column: ColumnRef| {
            let (_, cells) = self.cells_of(self.input.tables.get(column.table)?, column)?;
            Some((column, cells))
        };
        let columns = found.into_iter().map(cells).collect::<Option<_>>()?;
        Some(SeveralCells { condition, test, columns })
    }
}

impl SeveralCells<'_> {
    pub(super) fn truth(&self, context: &Context<'_>, scope: Scope<'_>) -> Truth {
        context.test(self.test, scope)
    }

    /// Visits the answers for those of several places that are `asked` about.
    pub(super) fn answers(
        &self,
        context: &Context<'_>,
        places: &impl Places,
        asked: impl Iterator<Item = usize>,
        mut visit: impl FnMut(usize, Truth),
    ) {
        let mut known: HashMap<Deciding, Truth> = HashMap::new();
        for (count, at) in asked.enumerate() {
            let pays = count < SAMPLE || known.len() < count / 2;
            let answer = places.ask(at, |scope| match self.deciding(&scope).filter(|_| pays) {
                Some(cells) => *known.entry(cells).or_insert_with(|| self.truth(context, scope)),
                None => self.truth(context, scope),
            });
            visit(at, answer);
        }
    }

    fn deciding(&self, scope: &Scope<'_>) -> Option<Deciding> {
        let mut deciding = Deciding::from(scope.part);
        for (column, cells) in &self.columns {
            deciding = deciding << u32::BITS | Deciding::from(*cells.get(scope.index(column.of)?)?);
        }
        Some(deciding)
    }
}
