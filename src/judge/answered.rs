//! Remembers the results of tests, because many rules test the same column, or the rows of the same line.
//!
//! [`super::bind`] fills it while it binds the rules, on several cores.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hashbrown::HashMap;

use super::scope::Scope;
use super::truth::Truth;
use crate::rules::model::{ColumnRef, Frame, Predicate};
use crate::source::Place;
use crate::table::TableId;

/// Tests and quantifiers that were answered already.
#[derive(Default)]
pub(super) struct Answered {
    /// Tests of columns against what is the same for everything.
    columns: Mutex<Vec<(TableId, u16, Predicate, Answers)>>,
    /// The truth of the filters of quantifiers over all rows of an entry for each row, by where the
    /// quantifiers are: a rule and its strict copy ask the same.
    rows: Mutex<HashMap<Place, Arc<[Truth]>>>,
    /// The truth of quantifiers over the rows of a line, by where they are.
    lines: Mutex<Vec<LineAnswers>>,
}

/// The answers for a column's cells, once one of the rules that ask has found them.
type Answers = Arc<OnceLock<Arc<[Truth]>>>;

/// The truth of a quantifier over the rows of a line, for each row whose line may be meant.
struct LineAnswers {
    /// Where the quantifier is.
    place: Place,
    other: Frame,
    answers: Arc<[Truth]>,
}

impl Answered {
    /// The answers for the cells of a column, computed by `answer` on first use.
    pub(super) fn of_column(
        &self,
        column: ColumnRef,
        predicate: &Predicate,
        answer: impl FnOnce() -> Arc<[Truth]>,
    ) -> Arc<[Truth]> {
        let answers = {
            let mut known = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
            let same = |(table, of, asked, _): &&(TableId, u16, Predicate, Answers)| {
                (*table, *of) == (column.table, column.column) && asked == predicate
            };
            match known.iter().find(same) {
                Some((.., answers)) => answers.clone(),
                None => {
                    let answers = Answers::default();
                    known.push((column.table, column.column, predicate.clone(), answers.clone()));
                    answers
                }
            }
        };
        answers.get_or_init(answer).clone()
    }

    /// The truth of the quantifier's filter for each row of its table, where nothing but the row decides;
    /// computed by `answer` on first use.
    pub(super) fn of_rows(&self, place: Place, answer: impl FnOnce() -> Vec<Truth>) -> Arc<[Truth]> {
        let known = || self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&place).cloned();
        found.unwrap_or_else(|| {
            let answers: Arc<[Truth]> = answer().into();
            known().insert(place, answers.clone());
            answers
        })
    }

    /// Remembers the truth of the quantifier over the rows of a line, for each row of the table that `other`
    /// may be.
    pub(super) fn keep_line(&self, place: Place, other: Frame, answers: Arc<[Truth]>) {
        let found = LineAnswers { place, other, answers };
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(found);
    }

    /// The remembered truth of a quantifier over the rows of a line.
    pub(super) fn of_line(&self, place: Place, scope: Scope<'_>) -> Option<Truth> {
        let known = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.iter().find(|known| known.place == place)?;
        known.answers.get(scope.row(known.other)? as usize).copied()
    }
}
