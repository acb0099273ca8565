//! Settings: values that the configuration may change.

use super::super::errors;
use super::super::model::Setting;
use super::{ParsedFile, World, check_name, is_new, literal, require};
use crate::table::schema::Type;
use crate::yaml::decode::Scalar;

/// Compiles the settings of all files.
pub fn compile(units: &mut [ParsedFile], world: &mut World) {
    for ParsedFile { tree, file, diagnostics, .. } in units {
        for (name, lazy) in file.settings.iter().flat_map(|named| &named.0) {
            let Some(syntax) = lazy.decode(tree, diagnostics) else { continue };
            let place = name.place(tree);
            let known: Vec<_> =
                world.settings.iter().map(|known| (known.name.as_str(), known.place)).collect();
            if !check_name(tree, name, "setting", diagnostics)
                || !is_new(tree, name, "setting", &known, diagnostics)
            {
                continue;
            }
            require(tree, diagnostics, lazy.node, place, "type", syntax.kind.is_some());
            require(tree, diagnostics, lazy.node, place, "default", syntax.default.is_some());
            let (Some(kind), Some(given)) = (&syntax.kind, &syntax.default) else { continue };
            let typed: Type = kind.value;
            if matches!(typed, Type::Choice | Type::EntryNumber | Type::ImporterNumber) {
                diagnostics.push(errors::setting_of_another_type(typed, kind.place(tree)));
                continue;
            }
            let Some(default) = literal::at(given.place(tree), typed, &given.value, diagnostics) else {
                continue;
            };
            let text = |scalar: &Option<Scalar>| scalar.as_ref().map(|scalar| scalar.value.clone().into());
            world.settings.push(Setting {
                name: name.value.clone(),
                title: text(&syntax.title),
                unit: text(&syntax.unit),
                kind: typed,
                value: default.clone(),
                default,
                place,
            });
        }
    }
}
