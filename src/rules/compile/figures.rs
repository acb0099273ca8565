//! Compiles named figures.

use std::sync::Arc;

use super::super::model::{Aggregate, ColumnRef, Dependency, Each, Figure, Frame, Operand, Over};
use super::super::operand::{self, ExprKind};
use super::super::{errors, syntax};
use super::operands::{Compiler, Spot};
use super::{ParsedFile, World, check_name, is_new};
use crate::source::Place;
use crate::table::schema::Type;
use crate::table::{ROW, TableId};
use crate::yaml::decode::Scalar;
use crate::yaml::errors::is_written;
use crate::yaml::{Diagnostics, NodeId, Tree};

/// Compiles the figures of all files, in their order.
pub fn compile(units: &mut [ParsedFile], world: &mut World) {
    for ParsedFile { tree, file, diagnostics, .. } in units {
        for (name, lazy) in file.figures.iter().flat_map(|named| &named.0) {
            let Some(syntax) = lazy.decode(tree, diagnostics) else { continue };
            let known: Vec<_> =
                world.figures.iter().map(|known| (known.name.as_str(), known.place)).collect();
            if check_name(tree, name, "figure", diagnostics)
                && is_new(tree, name, "figure", &known, diagnostics)
                && let Some(figure) = figure(world, tree, lazy.node, name, &syntax, diagnostics)
            {
                world.figures.push(figure);
            }
        }
    }
}

fn figure(
    world: &World,
    tree: &Arc<Tree>,
    node: NodeId,
    name: &Scalar,
    syntax: &syntax::WrittenFigure,
    diagnostics: &mut Diagnostics,
) -> Option<Figure> {
    let at = name.place(tree);
    let ways = [
        (Aggregate::Total, "total", &syntax.total),
        (Aggregate::Count, "count", &syntax.count),
        (Aggregate::Distinct, "distinct", &syntax.distinct),
        (Aggregate::Earliest, "earliest", &syntax.earliest),
        (Aggregate::Latest, "latest", &syntax.latest),
        (Aggregate::Value, "value", &syntax.value),
    ];
    let given: Vec<_> =
        ways.iter().filter_map(|(way, key, text)| Some((*way, *key, text.as_ref()?))).collect();
    let (aggregate, key, text) = match given.as_slice() {
        [only] => *only,
        [] => {
            if !ways.iter().any(|(_, key, _)| is_written(tree, node, key)) {
                diagnostics.push(errors::figure_of_nothing(at));
            }
            return None;
        }
        [(_, first, _), (_, second, other), ..] => {
            diagnostics.push(errors::figure_in_two_ways(first, second, other.place(tree)));
            return None;
        }
    };
    let wanted = syntax.over.as_ref().map_or(syntax::WrittenOver::Entry, |over| over.value);
    let mut compiler = Compiler::new(world, tree, diagnostics, None);
    let mut over = match wanted {
        // The aggregate determines which table the rows are of.
        syntax::WrittenOver::Entry => Over::Entry(ROW),
        syntax::WrittenOver::Line => Over::Line(compiler.line_table(at)?),
        syntax::WrittenOver::File => Over::File,
    };
    compiler.each = Some(match over {
        Over::Entry(_) => Each::Entry,
        Over::Line(table) => Each::Line(table),
        Over::File => Each::File,
    });
    let when = match syntax.when.map(|when| compiler.condition(when.0.0)) {
        Some(None) => return None,
        when => when.flatten(),
    };
    let spot = Spot { node: text.node, offset: 0, placeholder: false };
    let (of, kind) = match (aggregate, over) {
        (Aggregate::Value, _) => {
            let typed = compiler.operand(&text.value, spot)?;
            (Some(typed.operand), typed.kind)
        }
        (Aggregate::Count, Over::File) => {
            if text.value != "entry" {
                compiler.diagnostics.push(errors::counts_no_entries(text.place(tree)));
                return None;
            }
            (None, Type::Integer)
        }
        (Aggregate::Count, _) => {
            let table = compiler.reference_table(&text.value, &(0..text.value.len()), spot)?;
            over = of_table(over, table, &mut compiler, text)?;
            (None, Type::Integer)
        }
        (_, Over::File) => {
            compiler.each = Some(Each::Entry);
            let typed = compiler.operand(&text.value, spot)?;
            (Some(typed.operand), typed.kind)
        }
        (_, Over::Entry(_) | Over::Line(_)) => {
            let (table, column) = compiler.column_text(text, spot)?;
            over = of_table(over, table, &mut compiler, text)?;
            let column = ColumnRef { table, column, of: Frame::Inner(0) };
            let typed = compiler.typed_column(column);
            (Some(Operand::Column(column)), typed.kind)
        }
    };
    let kind = match (aggregate, kind) {
        (Aggregate::Count | Aggregate::Distinct, _) => Type::Integer,
        (Aggregate::Total, Type::Money | Type::Integer)
        | (Aggregate::Earliest | Aggregate::Latest, Type::Date)
        | (Aggregate::Value, Type::Money | Type::Integer | Type::Date) => kind,
        (_, other) => {
            let wanted: &[Type] = match aggregate {
                Aggregate::Total => &[Type::Money, Type::Integer],
                Aggregate::Value => &[Type::Money, Type::Integer, Type::Date],
                _ => &[Type::Date],
            };
            compiler.diagnostics.push(errors::figure_of_another_type(key, wanted, other, text.place(tree)));
            return None;
        }
    };
    if let (Aggregate::Value, Some(filter)) = (aggregate, &syntax.filter) {
        compiler.diagnostics.push(errors::where_of_a_value(tree.head(filter.0.0)));
        return None;
    }
    match over {
        Over::Entry(table) | Over::Line(table) => compiler.inner.push(Some(table)),
        Over::File => {
            compiler.each = Some(Each::Entry);
            compiler.inner.push(Some(ROW));
        }
    }
    let filter = match syntax.filter.map(|filter| compiler.condition(filter.0.0)) {
        Some(None) => return None,
        filter => filter.flatten(),
    };
    let figure = Figure {
        name: name.value.clone(),
        title: syntax.title.as_ref().map(|title| title.value.clone().into()),
        kind,
        over,
        aggregate,
        of,
        when,
        filter,
        place: at,
    };
    reads_the_declaration(&figure, at, compiler.diagnostics)?;
    Some(figure)
}

/// The table that a figure of an entry or a line is about.
fn of_table(over: Over, table: TableId, compiler: &mut Compiler<'_>, text: &Scalar) -> Option<Over> {
    match over {
        Over::Entry(_) => Some(Over::Entry(table)),
        Over::Line(lines) if lines == table => Some(over),
        Over::Line(_) => {
            let name = &compiler.world.schema(table).name;
            compiler.diagnostics.push(errors::figure_over_no_lines(name, text.place(compiler.tree)));
            None
        }
        Over::File => Some(over),
    }
}

/// Reports a figure of entries that reads the declaration: an entry may be on several.
fn reads_the_declaration(figure: &Figure, at: Place, diagnostics: &mut Diagnostics) -> Option<()> {
    if figure.over == Over::File {
        return Some(());
    }
    let mut reads = false;
    let mut visit =
        |read: Dependency| reads |= read.column().is_some_and(|column| column.table.index() <= ROW.index());
    figure.when.iter().chain(&figure.filter).for_each(|condition| condition.reads(&mut visit));
    figure.of.iter().for_each(|of| of.reads(&mut visit));
    if reads {
        diagnostics.push(errors::figure_reads_declaration(&figure.name, at));
        return None;
    }
    Some(())
}

impl Compiler<'_> {
    /// The table that declares what a line is.
    pub fn line_table(&mut self, at: Place) -> Option<TableId> {
        let schemas = self.world.schemas.iter().enumerate();
        let with_lines: Vec<_> =
            schemas.filter(|(_, schema)| schema.line.is_some()).map(|(at, _)| TableId::new(at)).collect();
        match with_lines.as_slice() {
            [only] => Some(*only),
            [] => {
                self.diagnostics.push(errors::no_table_with_lines(at));
                None
            }
            // The export comes first; a table of one's own is named.
            [first, ..] => Some(*first),
        }
    }

    /// A reference table's column, by its text.
    fn column_text(&mut self, text: &Scalar, spot: Spot) -> Option<(TableId, u16)> {
        let expr = match operand::parse(&text.value) {
            Ok(expr) => expr,
            Err(error) => {
                self.syntax_error(spot, &error);
                return None;
            }
        };
        let ExprKind::Member(table, table_range, column, column_range) = &expr.kind else {
            self.diagnostics.push(errors::figure_without_column(text.place(self.tree)));
            return None;
        };
        let id = self.reference_table(table, table_range, spot)?;
        let index = self.column(id, column, column_range, spot)?;
        Some((id, index as u16))
    }
}
