//! Compiles operands: resolves names to columns and functions, and works out their types.

use std::ops::Range;

use super::super::errors;
use super::super::model::{
    AccountField, Argument, Call, ColumnRef, Dependency, Each, FigureId, Frame, Operand, Over, SettingId,
};
use super::super::operand::{self, Expr, ExprKind, Steps, SyntaxError};
use super::{NamedNode, World, codes, literal};
use crate::calendar::Unit as DateUnit;
use crate::judge::functions::{self, Gives, Parameter};
use crate::source::Place;
use crate::table::schema::{Belongs, Type};
use crate::table::value::Value;
use crate::table::{FILE, ROW, TableId};
use crate::yaml::decode::Scalar;
use crate::yaml::{Diagnostics, NodeId, Tree};

/// What a rule's conditions and texts are compiled with.
pub struct Compiler<'c> {
    /// What they may refer to.
    pub world: &'c World,
    /// The file.
    pub tree: &'c Tree,
    /// What is wrong.
    pub diagnostics: &'c mut Diagnostics,
    /// What the rule is applied to; `None` where that is not known, so that nothing more is reported.
    pub each: Option<Each>,
    /// The tables whose rows the enclosing `where`s look at, innermost last; `None` for unknown ones.
    pub inner: Vec<Option<TableId>>,
    /// Whether something asked for the filing date.
    pub needs_filing_date: bool,
    /// The named conditions and steps that are being compiled, outermost first.
    pub open: Vec<Place>,
}

/// An operand with what is known of it.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The operand.
    pub operand: Operand,
    /// The type of its value.
    pub kind: Type,
    /// Whether it is many values (a list of the account).
    pub many: bool,
    /// The names of a choice.
    pub choices: Vec<String>,
    /// The width that digits of a text are filled up to, as cells of the column are.
    pub pad: Option<usize>,
}

impl Typed {
    pub fn one(operand: Operand, kind: Type) -> Self {
        Self { operand, kind, many: false, choices: Vec::new(), pad: None }
    }
}

/// Where an operand's text is: a scalar, and how far into it.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The scalar.
    pub node: NodeId,
    /// Bytes of the scalar's text before the operand's.
    pub offset: usize,
    /// Whether it is between the braces of a text.
    pub placeholder: bool,
}

impl<'c> Compiler<'c> {
    /// Begins with no rows looked at.
    pub fn new(
        world: &'c World,
        tree: &'c Tree,
        diagnostics: &'c mut Diagnostics,
        each: Option<Each>,
    ) -> Self {
        Self { world, tree, diagnostics, each, inner: Vec::new(), needs_filing_date: false, open: Vec::new() }
    }

    /// Compiles something named in its own file. It may not use itself.
    pub fn within<T>(
        &mut self,
        named: &'c NamedNode,
        compile: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.open.contains(&named.place) {
            self.diagnostics.push(errors::uses_itself(&named.name, named.place));
            return None;
        }
        self.open.push(named.place);
        let tree = std::mem::replace(&mut self.tree, &named.tree);
        let compiled = compile(self);
        self.tree = tree;
        self.open.pop();
        compiled
    }

    /// Where a part of an operand is.
    pub fn place(&self, spot: Spot, range: &Range<usize>) -> Place {
        self.tree.place_within(spot.node, spot.offset + range.start..spot.offset + range.end)
    }

    /// Reports a text that is not an operand.
    pub fn syntax_error(&mut self, spot: Spot, error: &SyntaxError) {
        let place = self.place(spot, &error.range);
        self.diagnostics.push(errors::not_an_operand(error, spot.placeholder, place));
    }

    /// The operand that an expression means.
    pub fn resolve(&mut self, expr: &Expr, spot: Spot) -> Option<Typed> {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr, spot),
            ExprKind::Member(table, table_range, column, column_range) => {
                if table == "account" {
                    return self.account(column, column_range, spot);
                }
                let id = self.table(table, table_range, spot)?;
                let index = self.column(id, column, column_range, spot)?;
                let of = self.frame(id, index, expr, spot)?;
                Some(self.typed_column(ColumnRef { table: id, column: index as u16, of }))
            }
            ExprKind::AllColumns(..) => {
                let place = self.place(spot, &expr.range);
                self.diagnostics.push(errors::all_columns_compared(place));
                None
            }
            ExprKind::Call(name, range, arguments) => self.call(name, range, arguments, expr, spot),
            ExprKind::Shift(date, by, unit) => self.shift(date, by, *unit, spot),
            ExprKind::Date(date) => Some(Typed::one(Operand::Literal(Value::Date(*date)), Type::Date)),
            ExprKind::Number(text) => {
                let number = if text.contains('.') { None } else { text.parse().ok() };
                match (number, literal::decimal(text)) {
                    (Some(number), _) => {
                        Some(Typed::one(Operand::Literal(Value::Integer(number)), Type::Integer))
                    }
                    (None, Some(amount)) => {
                        Some(Typed::one(Operand::Literal(Value::Money(amount)), Type::Money))
                    }
                    (None, None) => {
                        let place = self.place(spot, &expr.range);
                        self.diagnostics.push(errors::not_a_number(text, place));
                        None
                    }
                }
            }
            ExprKind::Text(text) => {
                Some(Typed::one(Operand::Literal(Value::Text(text.as_str().into())), Type::Text))
            }
        }
    }

    fn name(&mut self, name: &str, expr: &Expr, spot: Spot) -> Option<Typed> {
        let innermost = self.inner.last().copied();
        if let Some(Some(table)) = innermost
            && let Some(column) = self.world.schema(table).column(name)
        {
            return Some(self.typed_column(ColumnRef { table, column: column as u16, of: Frame::Inner(0) }));
        }
        if let Some(at) = self.world.settings.iter().position(|setting| setting.name == name) {
            let kind = self.world.settings[at].kind;
            return Some(Typed::one(Operand::Setting(SettingId(at as u16)), kind));
        }
        if let Some(at) = self.world.figures.iter().position(|figure| figure.name == name) {
            return self.figure(at, expr, spot);
        }
        match name {
            "filing_date" => {
                self.needs_filing_date = true;
                return Some(Typed::one(Operand::FilingDate, Type::Date));
            }
            "pack_verified" => return Some(Typed::one(Operand::PackVerified, Type::Date)),
            "entry" => {
                if self.each == Some(Each::File) {
                    let place = self.place(spot, &expr.range);
                    self.diagnostics.push(errors::entry_in_a_file_rule(place));
                    return None;
                }
                return Some(Typed::one(Operand::Entry, Type::EntryNumber));
            }
            _ => {}
        }
        if innermost == Some(None) || self.each.is_none() {
            return None;
        }
        let place = self.place(spot, &expr.range);
        let mut known: Vec<&str> = vec!["filing_date", "entry", "pack_verified"];
        known.extend(self.world.figures.iter().map(|figure| figure.name.as_str()));
        known.extend(self.world.settings.iter().map(|setting| setting.name.as_str()));
        if let Some(Some(table)) = innermost {
            known.extend(self.world.schema(table).columns.iter().map(|column| column.name.as_str()));
        }
        if !spot.placeholder {
            known.extend(super::words::STRUCTURE.iter().map(|(word, _)| *word));
        }
        let whole: Vec<String> = self
            .world
            .schemas
            .iter()
            .filter(|schema| schema.column(name).is_some())
            .map(|schema| format!("{}.{name}", schema.name))
            .collect();
        let diagnostic = match innermost {
            None if !whole.is_empty() => errors::column_without_table(name, spot.placeholder, &whole, place),
            _ if spot.placeholder && name == "by" => errors::no_last_day(place),
            _ if spot.placeholder => errors::unknown_placeholder(name, place, known),
            Some(Some(table)) => {
                errors::unknown_column_of(&self.world.schema(table).name, name, place, known)
            }
            _ => errors::unknown_column(name, place, known),
        };
        self.diagnostics.push(diagnostic);
        None
    }

    /// A named figure, for what is at hand.
    fn figure(&mut self, at: usize, expr: &Expr, spot: Spot) -> Option<Typed> {
        let figure = &self.world.figures[at];
        let frame = match figure.over {
            Over::File => Frame::File,
            Over::Entry(_) if self.each? == Each::File => {
                let place = self.place(spot, &expr.range);
                self.diagnostics.push(errors::figure_in_a_file_rule(&figure.name, place));
                return None;
            }
            Over::Entry(_) => Frame::Entry,
            Over::Line(table) => {
                let inner = self.inner.iter().rev().position(|inner| *inner == Some(table));
                match (inner.and_then(|depth| u8::try_from(depth).ok()), self.each?) {
                    (Some(depth), _) => Frame::Inner(depth),
                    (None, Each::Table(own) | Each::Line(own)) if own == table => Frame::Own,
                    _ => {
                        let place = self.place(spot, &expr.range);
                        let name = &self.world.schema(table).name;
                        self.diagnostics.push(errors::figure_without_line(&figure.name, name, place));
                        return None;
                    }
                }
            }
        };
        let operand = Operand::Figure(FigureId(at as u16), frame);
        let mut by_date = false;
        let mut visit = |operand: &Operand| by_date |= reads_filing_date(operand);
        figure.of.iter().for_each(&mut visit);
        self.needs_filing_date |= by_date;
        Some(Typed::one(operand, figure.kind))
    }

    fn account(&mut self, name: &str, range: &Range<usize>, spot: Spot) -> Option<Typed> {
        match AccountField::ALL.iter().find(|(known, _, _)| *known == name) {
            Some((_, field, kind)) => Some(Typed {
                operand: Operand::Account(*field),
                kind: *kind,
                many: *field != AccountField::Role,
                choices: match field {
                    AccountField::Role => vec!["importer".into(), "broker".into()],
                    _ => Vec::new(),
                },
                pad: None,
            }),
            None => {
                let place = self.place(spot, range);
                let known = AccountField::ALL.iter().map(|(name, _, _)| *name);
                self.diagnostics.push(errors::unknown_account_field(name, place, known));
                None
            }
        }
    }

    /// The table of that name.
    pub fn table(&mut self, name: &str, range: &Range<usize>, spot: Spot) -> Option<TableId> {
        let found = self.world.table(name);
        if found.is_none() {
            let place = self.place(spot, range);
            let known: Vec<&str> =
                self.world.schemas.iter().map(|schema| schema.name.as_str()).chain(["account"]).collect();
            self.diagnostics.push(errors::unknown_table_of_operand(name, spot.placeholder, place, known));
        }
        found
    }

    /// The column of that name.
    pub fn column(&mut self, table: TableId, name: &str, range: &Range<usize>, spot: Spot) -> Option<usize> {
        let schema = self.world.schema(table);
        let found = schema.column(name);
        if found.is_none() {
            let place = self.place(spot, range);
            let known = schema.columns.iter().map(|column| column.name.as_str());
            self.diagnostics.push(errors::unknown_column_of(&schema.name, name, place, known));
        }
        found
    }

    /// Whose value of a table's column is meant where the rule names the table.
    fn frame(&mut self, table: TableId, column: usize, expr: &Expr, spot: Spot) -> Option<Frame> {
        if table == FILE {
            return Some(Frame::File);
        }
        let each = self.each?;
        let schema = self.world.schema(table);
        if each == Each::File && self.inner.is_empty() {
            let place = self.place(spot, &expr.range);
            let column = &schema.columns[column].name;
            self.diagnostics.push(errors::column_in_a_file_rule(&schema.name, column, place));
            return None;
        }
        if table == ROW {
            return Some(Frame::Declared);
        }
        let outer = self.inner.iter().rev().skip(1).position(|inner| *inner == Some(table));
        if let Some(outer) = outer {
            return u8::try_from(outer + 1).ok().map(Frame::Inner);
        }
        if each == Each::Table(table) {
            return Some(Frame::Own);
        }
        if schema.columns[column].of == Belongs::Entry {
            return Some(Frame::Entry);
        }
        if each == Each::Line(table) {
            return Some(if schema.line == Some(column) { Frame::Own } else { Frame::Line });
        }
        let place = self.place(spot, &expr.range);
        let (name, column) = (&schema.name, &schema.columns[column].name);
        let at_hand = self.inner.last() == Some(&Some(table));
        self.diagnostics.push(errors::column_of_lines(name, column, at_hand, place));
        None
    }

    fn function_in_a_file_rule(&mut self, name: &str, expr: &Expr, spot: Spot) {
        let place = self.place(spot, &expr.range);
        self.diagnostics.push(errors::function_in_a_file_rule(name, place));
    }

    /// A column with its type.
    pub fn typed_column(&self, column: ColumnRef) -> Typed {
        let declared = &self.world.schema(column.table).columns[usize::from(column.column)];
        Typed {
            operand: Operand::Column(column),
            kind: declared.kind,
            many: false,
            choices: declared.choices.iter().map(|choice| choice.name.clone()).collect(),
            pad: declared.pad.filter(|_| declared.kind == Type::Text),
        }
    }

    fn shift(&mut self, date: &Expr, by: &Steps, unit: DateUnit, spot: Spot) -> Option<Typed> {
        let inner = self.resolve(date, spot)?;
        self.expect(&inner, Type::Date, date, spot)?;
        let (by, times) = match by {
            Steps::Number(by) => (*by, None),
            Steps::Setting(sign, name, range) => {
                let settings = &self.world.settings;
                let Some(at) = settings.iter().position(|setting| setting.name == *name) else {
                    let place = self.place(spot, range);
                    let known = settings.iter().map(|setting| setting.name.as_str());
                    self.diagnostics.push(errors::moved_by_unknown_setting(name, place, known));
                    return None;
                };
                if settings[at].kind != Type::Integer {
                    let place = self.place(spot, range);
                    self.diagnostics.push(errors::wrong_type(Type::Integer, settings[at].kind, place));
                    return None;
                }
                (*sign, Some(SettingId(at as u16)))
            }
        };
        Some(Typed::one(Operand::Shift { date: Box::new(inner.operand), by, times, unit }, Type::Date))
    }

    /// Reports an operand that is of another type than wanted.
    fn expect(&mut self, found: &Typed, wanted: Type, expr: &Expr, spot: Spot) -> Option<()> {
        if found.kind == wanted && !found.many {
            return Some(());
        }
        let place = self.place(spot, &expr.range);
        self.diagnostics.push(if found.many {
            errors::list_for_a_value(wanted, place)
        } else {
            errors::wrong_type(wanted, found.kind, place)
        });
        None
    }

    /// An operand that gives a date.
    pub fn day(&mut self, text: &Scalar) -> Option<Operand> {
        let spot = Spot { node: text.node, offset: 0, placeholder: false };
        let is_of_figures = text.value.bytes().all(|byte| byte.is_ascii_digit() || b"-/.".contains(&byte));
        if is_of_figures && operand::date(&text.value).is_none() {
            let error = errors::NotALiteral { kind: Type::Date, text: &text.value };
            self.diagnostics.push(errors::not_a_literal(&error, text.place(self.tree)));
            return None;
        }
        match operand::parse(&text.value) {
            Ok(expr) => self.argument(std::slice::from_ref(&expr), 0, Type::Date, spot),
            Err(error) => {
                self.syntax_error(spot, &error);
                None
            }
        }
    }

    /// One argument that has to be of a type.
    fn argument(&mut self, arguments: &[Expr], at: usize, wanted: Type, spot: Spot) -> Option<Operand> {
        let expr = arguments.get(at)?;
        let found = self.resolve(expr, spot)?;
        self.expect(&found, wanted, expr, spot)?;
        Some(found.operand)
    }

    fn call(
        &mut self,
        name: &str,
        range: &Range<usize>,
        arguments: &[Expr],
        expr: &Expr,
        spot: Spot,
    ) -> Option<Typed> {
        let Some((id, function)) = functions::named(name) else {
            let place = self.place(spot, range);
            let known = functions::FUNCTIONS.iter().map(|function| function.name);
            self.diagnostics.push(errors::unknown_function(name, place, known));
            return None;
        };
        let fits = match function.takes {
            [Parameter::Dates] => !arguments.is_empty(),
            takes => arguments.len() == takes.len(),
        };
        if !fits {
            let place = self.place(spot, &expr.range);
            self.diagnostics.push(errors::wrong_number_of_arguments(function, arguments.len(), place));
            return None;
        }
        self.needs_filing_date |= function.by_filing_date;
        let mut compiled = Vec::with_capacity(arguments.len());
        let mut kind = match function.gives {
            Gives::Type(kind) => kind,
            Gives::ListColumn => Type::Text,
        };
        if let ([Parameter::Dates], [_, _, ..]) = (function.takes, arguments) {
            let dates: Vec<_> =
                (0..arguments.len()).map(|at| self.argument(arguments, at, Type::Date, spot)).collect();
            compiled.extend(dates.into_iter().collect::<Option<Vec<_>>>()?.into_iter().map(Argument::Value));
        } else {
            let mut failed = false;
            for (at, parameter) in function.takes.iter().enumerate() {
                match self.parameter(name, *parameter, arguments, at, &compiled, spot) {
                    Some(argument) => compiled.push(argument),
                    // What is behind a code list has a type only where that is known.
                    None if matches!(parameter, Parameter::ListColumn) => return None,
                    None => failed = true,
                }
            }
            if failed {
                return None;
            }
        }
        if let (Gives::ListColumn, Some(Argument::ListColumn(list, column))) =
            (function.gives, compiled.first())
        {
            kind = codes::column_type(&self.world.lists[*list], *column);
        }
        Some(Typed::one(Operand::Call(Box::new(Call { function: id, arguments: compiled })), kind))
    }

    /// The argument at one place of a call.
    fn parameter(
        &mut self,
        name: &str,
        parameter: Parameter,
        arguments: &[Expr],
        at: usize,
        before: &[Argument],
        spot: Spot,
    ) -> Option<Argument> {
        let expr = &arguments[at];
        Some(match parameter {
            Parameter::Value(kind) => Argument::Value(self.argument(arguments, at, kind, spot)?),
            Parameter::Number => {
                let number = self.resolve(expr, spot)?;
                if number.kind != Type::Integer {
                    self.expect(&number, Type::Money, expr, spot)?;
                }
                Argument::Value(number.operand)
            }
            Parameter::Dates => Argument::Rows(self.aggregated(expr, Type::Date, spot)?),
            Parameter::Rows(kind) => Argument::Rows(self.aggregated(expr, kind, spot)?),
            Parameter::Line(kind) => Argument::Line(self.line_column(name, expr, kind, spot)?),
            Parameter::Declaration => Argument::Declaration(self.over_file(name, true, expr, spot)?),
            Parameter::DeclarationOf(kind) => {
                let column = self.over_file(name, true, expr, spot)?;
                let typed = self.typed_column(column);
                self.expect(&typed, kind, expr, spot)?;
                Argument::Declaration(column)
            }
            Parameter::OfDeclaration(kind) => {
                let column = self.over_file(name, false, expr, spot)?;
                let typed = self.typed_column(column);
                self.expect(&typed, kind, expr, spot)?;
                Argument::Declaration(column)
            }
            Parameter::Table(read) => {
                let id = self.table_argument(expr, spot)?;
                let read = read(id);
                if let (Dependency::Written(_), Each::File) = (read, self.each?) {
                    self.function_in_a_file_rule(name, expr, spot);
                    return None;
                }
                Argument::Table(read)
            }
            Parameter::RowOf => {
                let id = self.table_argument(expr, spot)?;
                let of = if self.inner.last() == Some(&Some(id)) {
                    Frame::Inner(0)
                } else if matches!(self.each?, Each::Table(own) | Each::Line(own) if own == id) {
                    Frame::Own
                } else if self.each? == Each::File {
                    self.function_in_a_file_rule(name, expr, spot);
                    return None;
                } else {
                    Frame::Entry
                };
                let column = self.world.schema(id).key.unwrap_or(0) as u16;
                Argument::Value(Operand::Column(ColumnRef { table: id, column, of }))
            }
            Parameter::ListColumn => {
                let (list, column) = self.list_column(name, expr, spot)?;
                Argument::ListColumn(list, column)
            }
            Parameter::Code => {
                let Some(Argument::ListColumn(list, _)) = before.last() else { return None };
                let list = &self.world.lists[*list];
                let key = codes::column_type(list, list.key);
                let found = self.resolve(expr, spot)?;
                // The name of a choice is a code as well as a text is.
                if (found.kind, key, found.many) != (Type::Choice, Type::Text, false) {
                    self.expect(&found, key, expr, spot)?;
                }
                Argument::Value(found.operand)
            }
            Parameter::Rates => Argument::Rates(self.rates(expr, spot)?),
        })
    }

    /// A column over all rows of the entry.
    fn aggregated(&mut self, expr: &Expr, wanted: Type, spot: Spot) -> Option<ColumnRef> {
        let ExprKind::Member(table, table_range, column, column_range) = &expr.kind else {
            let place = self.place(spot, &expr.range);
            self.diagnostics.push(errors::rows_without_column(place));
            return None;
        };
        let id = self.reference_table(table, table_range, spot)?;
        let index = self.column(id, column, column_range, spot)?;
        if self.each? == Each::File {
            let place = self.place(spot, &expr.range);
            self.diagnostics.push(errors::column_in_a_file_rule(table, column, place));
            return None;
        }
        let column = ColumnRef { table: id, column: index as u16, of: Frame::Entry };
        let typed = self.typed_column(column);
        self.expect(&typed, wanted, expr, spot)?;
        Some(column)
    }

    /// A column over all entries of a file.
    fn over_file(&mut self, name: &str, on_file: bool, expr: &Expr, spot: Spot) -> Option<ColumnRef> {
        let place = self.place(spot, &expr.range);
        let ExprKind::Member(table, table_range, column, column_range) = &expr.kind else {
            self.diagnostics.push(errors::entries_without_column(place));
            return None;
        };
        let id = self.table(table, table_range, spot)?;
        let index = self.column(id, column, column_range, spot)?;
        if (self.each? == Each::File) != on_file || id == FILE {
            self.diagnostics.push(errors::entries_elsewhere(name, on_file, place));
            return None;
        }
        let of = if id == ROW { Frame::Declared } else { Frame::Entry };
        Some(ColumnRef { table: id, column: index as u16, of })
    }

    /// A money column of the row at hand, whose line is summed.
    fn line_column(&mut self, name: &str, expr: &Expr, wanted: Type, spot: Spot) -> Option<ColumnRef> {
        let typed = self.resolve(expr, spot)?;
        self.expect(&typed, wanted, expr, spot)?;
        let place = self.place(spot, &expr.range);
        match typed.operand {
            Operand::Column(column) if matches!(column.of, Frame::Own | Frame::Inner(_)) => {
                let schema = self.world.schema(column.table);
                if schema.line.is_some() {
                    return Some(column);
                }
                self.diagnostics.push(errors::table_without_line(&schema.name, place));
            }
            _ => self.diagnostics.push(errors::not_the_row_at_hand(name, place)),
        }
        None
    }

    pub fn reference_table(&mut self, name: &str, range: &Range<usize>, spot: Spot) -> Option<TableId> {
        match self.world.table(name) {
            Some(id) if id != FILE && id != ROW => Some(id),
            _ => {
                let place = self.place(spot, range);
                let known: Vec<&str> = self.world.reference_tables().collect();
                self.diagnostics.push(errors::unknown_reference_table(name, place, known));
                None
            }
        }
    }

    /// A reference table, by its bare name.
    fn table_argument(&mut self, argument: &Expr, spot: Spot) -> Option<TableId> {
        let ExprKind::Name(table) = &argument.kind else {
            let place = self.place(spot, &argument.range);
            self.diagnostics.push(errors::not_a_table(place));
            return None;
        };
        self.reference_table(table, &argument.range, spot)
    }

    fn code_list(&mut self, name: &str, range: &Range<usize>, spot: Spot) -> Option<usize> {
        let found = self.world.lists.iter().position(|list| list.name == name);
        if found.is_none() {
            let place = self.place(spot, range);
            let known: Vec<&str> = self.world.lists.iter().map(|list| list.name.as_str()).collect();
            self.diagnostics.push(errors::unknown_code_list(name, place, known));
        }
        found
    }

    /// A column of a code list.
    fn list_column(&mut self, function: &str, expr: &Expr, spot: Spot) -> Option<(usize, usize)> {
        let ExprKind::Member(name, name_range, column, column_range) = &expr.kind else {
            let place = self.place(spot, &expr.range);
            self.diagnostics.push(errors::not_a_column_of_a_list(function, place));
            return None;
        };
        let list = self.code_list(name, name_range, spot)?;
        let columns = &self.world.lists[list].columns;
        let found = columns.iter().position(|(known, _)| known == column);
        if found.is_none() {
            let place = self.place(spot, column_range);
            let known = columns.iter().map(|(name, _)| name.as_str());
            self.diagnostics.push(errors::unknown_column_of(name, column, place, known));
        }
        Some((list, found?))
    }

    fn rates(&mut self, expr: &Expr, spot: Spot) -> Option<usize> {
        let place = self.place(spot, &expr.range);
        let ExprKind::Name(name) = &expr.kind else {
            self.diagnostics.push(errors::not_a_code_list(place));
            return None;
        };
        let list = self.code_list(name, &expr.range, spot)?;
        if !codes::has_rates(&self.world.lists[list]) {
            self.diagnostics.push(errors::list_without_rates(name, place));
            return None;
        }
        Some(list)
    }

    /// Parses and resolves the text of a scalar.
    pub fn operand(&mut self, text: &str, spot: Spot) -> Option<Typed> {
        match operand::parse(text) {
            Ok(expr) => self.resolve(&expr, spot),
            Err(error) => {
                self.syntax_error(spot, &error);
                None
            }
        }
    }
}

/// Whether the value of an operand changes with the filing date.
fn reads_filing_date(operand: &Operand) -> bool {
    match operand {
        Operand::FilingDate => true,
        Operand::Shift { date, .. } => reads_filing_date(date),
        Operand::Call(call) => {
            call.function().by_filing_date
                || call.arguments.iter().any(
                    |argument| matches!(argument, Argument::Value(operand) if reads_filing_date(operand)),
                )
        }
        Operand::Literal(_)
        | Operand::Choice(_)
        | Operand::Column(_)
        | Operand::PackVerified
        | Operand::Entry
        | Operand::Account(_)
        | Operand::Figure(..)
        | Operand::Setting(_) => false,
    }
}
