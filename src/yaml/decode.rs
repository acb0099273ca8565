//! Decodes nodes to types: a `serde::Deserializer` over a [`Tree`].
//!
//! The types derive `Deserialize`; this side adds what serde's data model leaves out. Every error has its
//! node, so that [`decode`] can report it at its place, take the node out and go on to the next one.
//! [`Spanned`] keeps a value's node, [`Raw`] and [`Lazy`] only the node, [`Named`] a mapping with free keys,
//! [`Rest`] the keys a struct does not know.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{SeqDeserializer, StrDeserializer, U32Deserializer};
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};

use super::{Diagnostics, NodeId, Style, Tree, View, errors};
use crate::diagnostic::Diagnostic;
use crate::source::Place;

const SPANNED: &str = "$capelint::Spanned";
const RAW: &str = "$capelint::Raw";
const ONE_OR_MANY: &str = "$capelint::OneOrMany";
/// The field name under which a struct gets the keys it does not know.
const REST: &str = "$rest";

/// Decodes a node, and reports every error in it.
///
/// A value that cannot be read counts as not there, so that the rest is still looked at; `None`
/// only where nothing is left.
pub fn decode<T: DeserializeOwned>(tree: &Tree, node: NodeId, diagnostics: &mut Diagnostics) -> Option<T> {
    let state = DecodeState { diagnostics: RefCell::new(diagnostics), pruned: RefCell::default() };
    loop {
        match T::deserialize(Decoder { tree, state: &state, node }) {
            Ok(value) => return Some(value),
            Err(error) => {
                let at = error.node.unwrap_or(node);
                let mut diagnostics = state.diagnostics.borrow_mut();
                diagnostics.push(error.into_diagnostic(tree, at));
                if at == node || diagnostics.full() || !state.pruned.borrow_mut().insert(at) {
                    return None;
                }
            }
        }
    }
}

struct DecodeState<'m> {
    diagnostics: RefCell<&'m mut Diagnostics>,
    pruned: RefCell<HashSet<NodeId>>,
}

/// A value and where it is.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its node.
    pub node: NodeId,
}

/// A text and where it is.
pub type Scalar = Spanned<String>;

/// A node that is looked at later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw(pub NodeId);

/// A node that is decoded later, on its own: an error in it costs nothing but itself.
#[derive(Debug)]
pub struct Lazy<T> {
    /// The node.
    pub node: NodeId,
    kind: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Lazy<T> {
    /// What the node will be decoded to.
    pub fn new(node: NodeId) -> Self {
        Self { node, kind: PhantomData }
    }

    /// Decodes it.
    pub fn decode(&self, tree: &Tree, diagnostics: &mut Diagnostics) -> Option<T> {
        decode(tree, self.node, diagnostics)
    }
}

/// A mapping with free keys, in order.
#[derive(Debug)]
pub struct Named<T>(pub Vec<(Scalar, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// One value, or a list of them.
#[derive(Debug)]
pub struct OneOrMany<T>(pub Vec<T>);

/// The keys that a struct does not know, with their values. The field is called `$rest`.
#[derive(Clone, Debug, Default)]
pub struct Rest(pub Vec<(NodeId, NodeId)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairVisitor<T> {
            type Value = Spanned<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Spanned<T>, A::Error> {
                let missing = || serde::de::Error::custom("places are only kept by capelint's own reader");
                let node = NodeId(seq.next_element()?.ok_or_else(missing)?);
                Ok(Spanned { value: seq.next_element()?.ok_or_else(missing)?, node })
            }
        }
        deserializer.deserialize_tuple_struct(SPANNED, 2, PairVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Raw;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a node")
            }
            fn visit_u32<E>(self, node: u32) -> Result<Raw, E> {
                Ok(Raw(NodeId(node)))
            }
        }
        deserializer.deserialize_newtype_struct(RAW, Number)
    }
}

impl<'de, T> Deserialize<'de> for Lazy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { node: Raw::deserialize(deserializer)?.0, kind: PhantomData })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Named(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemsVisitor<T> {
            type Value = OneOrMany<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMany<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(OneOrMany(items))
            }
        }
        deserializer.deserialize_tuple_struct(ONE_OR_MANY, 0, ItemsVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Rest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flat = Vec::<u32>::deserialize(deserializer)?;
        Ok(Self(flat.chunks_exact(2).map(|pair| (NodeId(pair[0]), NodeId(pair[1]))).collect()))
    }
}

impl<T> Spanned<T> {
    /// Where it is.
    pub fn place(&self, tree: &Tree) -> Place {
        tree.place(self.node)
    }
}

/// What a type does not accept, with the node it is about.
#[derive(Debug)]
pub struct Error {
    what: ErrorKind,
    node: Option<NodeId>,
}

#[derive(Debug)]
enum ErrorKind {
    Custom(String),
    Type { found: Option<&'static str>, expected: String },
    Variant { found: String, expected: &'static [&'static str], of: &'static str },
    Field { found: String, expected: &'static [&'static str] },
    Missing(&'static str),
    NoValue,
}

impl From<ErrorKind> for Error {
    fn from(what: ErrorKind) -> Self {
        Self { what, node: None }
    }
}

impl Error {
    fn at(mut self, node: NodeId) -> Self {
        self.node.get_or_insert(node);
        self
    }

    fn of(mut self, name: &'static str) -> Self {
        if let ErrorKind::Variant { of, .. } = &mut self.what {
            *of = name;
        }
        self
    }

    fn into_diagnostic(self, tree: &Tree, node: NodeId) -> Diagnostic {
        let place = tree.head(node);
        match self.what {
            ErrorKind::Custom(why) => errors::refused_value(why, place),
            ErrorKind::Type { found, expected } => {
                errors::wrong_kind(&expected, found.unwrap_or(tree.view(node).name()), place)
            }
            ErrorKind::Variant { found, expected, of } => {
                errors::unknown_name(of, &found, place, expected.iter().copied())
            }
            ErrorKind::Field { found, expected } => {
                errors::unknown_key(&found, place, expected.iter().copied())
            }
            ErrorKind::Missing(key) => errors::missing_key(key, place),
            ErrorKind::NoValue => errors::no_value(place),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ErrorKind::Custom(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        let found = match found {
            Unexpected::Str(_) => Some("a text"),
            Unexpected::Seq => Some("a list"),
            Unexpected::Map => Some("a mapping"),
            _ => None,
        };
        ErrorKind::Type { found, expected: expected.to_string() }.into()
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        ErrorKind::Variant { found: found.to_owned(), expected, of: "" }.into()
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        ErrorKind::Field { found: found.to_owned(), expected }.into()
    }

    fn missing_field(field: &'static str) -> Self {
        ErrorKind::Missing(field).into()
    }
}

#[derive(Clone, Copy)]
struct Decoder<'s, 'm> {
    tree: &'s Tree,
    state: &'s DecodeState<'m>,
    node: NodeId,
}

impl<'s, 'm> Decoder<'s, 'm> {
    fn child(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    fn is_pruned(&self, node: NodeId) -> bool {
        self.state.pruned.borrow().contains(&node)
    }

    fn wrong(&self, expected: &str) -> Error {
        match self.tree.view(self.node) {
            View::Scalar("", Style::Plain) => Error::from(ErrorKind::NoValue),
            _ => ErrorKind::Type { found: None, expected: expected.to_owned() }.into(),
        }
        .at(self.node)
    }

    fn text(&self, expected: &str) -> Result<&'s str, Error> {
        match self.tree.view(self.node) {
            View::Scalar("", Style::Plain) => Err(Error::from(ErrorKind::NoValue).at(self.node)),
            View::Scalar(text, _) => Ok(text),
            _ => Err(self.wrong(expected)),
        }
    }

    /// A number or a truth value: YAML itself defines what the scalar's text means.
    fn plain<T: DeserializeOwned>(&self, expected: &str) -> Result<T, Error> {
        let text = self.text(expected)?;
        if self.tree.is_quoted(self.node) || text.len() > 32 {
            return Err(self.wrong(expected));
        }
        serde_yaml::from_str(text).map_err(|_| self.wrong(expected))
    }
}

macro_rules! numbers {
    ($($method:ident => $visit:ident, $type:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.plain::<$type>("a number")?).map_err(|error: Error| error.at(self.node))
        })*
    };
}

impl<'de> Deserializer<'de> for Decoder<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.tree.view(self.node) {
            View::Scalar(..) => self.deserialize_str(visitor),
            View::Sequence(_) => self.deserialize_seq(visitor),
            View::Mapping(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let yes = match self.text("`yes` or `no`")? {
            "yes" if !self.tree.is_quoted(self.node) => true,
            "no" if !self.tree.is_quoted(self.node) => false,
            _ => self.plain("`yes` or `no`")?,
        };
        visitor.visit_bool(yes).map_err(|error: Error| error.at(self.node))
    }

    numbers! {
        deserialize_i8 => visit_i8, i8;
        deserialize_i16 => visit_i16, i16;
        deserialize_i32 => visit_i32, i32;
        deserialize_i64 => visit_i64, i64;
        deserialize_u8 => visit_u8, u8;
        deserialize_u16 => visit_u16, u16;
        deserialize_u32 => visit_u32, u32;
        deserialize_u64 => visit_u64, u64;
        deserialize_f32 => visit_f32, f32;
        deserialize_f64 => visit_f64, f64;
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text("a text")?).map_err(|error: Error| error.at(self.node))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name != RAW {
            return visitor.visit_newtype_struct(self);
        }
        if let View::Scalar("", Style::Plain) = self.tree.view(self.node) {
            return Err(Error::from(ErrorKind::NoValue).at(self.node));
        }
        visitor.visit_u32(self.node.0)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let View::Sequence(items) = self.tree.view(self.node) else { return Err(self.wrong("a list")) };
        visitor.visit_seq(Items { decoder: self, items: items.iter() }).map_err(|error| error.at(self.node))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match (name, self.tree.view(self.node)) {
            (SPANNED, _) => visitor.visit_seq(NodeAndValue { decoder: self, step: 0 }),
            (ONE_OR_MANY, View::Scalar(..)) => {
                let only = [self.node];
                visitor.visit_seq(Items { decoder: self, items: only.iter() })
            }
            (ONE_OR_MANY, View::Mapping(_)) => Err(self.wrong("a text or a list")),
            _ => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let View::Mapping(pairs) = self.tree.view(self.node) else { return Err(self.wrong("a mapping")) };
        visitor
            .visit_map(Pairs {
                decoder: self,
                pairs: pairs.iter(),
                value: None,
                fields: None,
                rest: Vec::new(),
                rest_given: false,
            })
            .map_err(|error| error.at(self.node))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let View::Mapping(pairs) = self.tree.view(self.node) else { return Err(self.wrong("a mapping")) };
        visitor
            .visit_map(Pairs {
                decoder: self,
                pairs: pairs.iter(),
                value: None,
                fields: Some(fields),
                rest: Vec::new(),
                rest_given: !fields.contains(&REST),
            })
            .map_err(|error| error.at(self.node))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text = self.text("a text")?;
        let text: StrDeserializer<'_, Error> = text.into_deserializer();
        visitor.visit_enum(text).map_err(|error| error.of(name).at(self.node))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

/// The items of a list.
struct Items<'s, 'm, 'i> {
    decoder: Decoder<'s, 'm>,
    items: std::slice::Iter<'i, NodeId>,
}

impl<'de> SeqAccess<'de> for Items<'_, '_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let decoder = self.decoder;
        match self.items.by_ref().find(|&&item| !decoder.is_pruned(item)) {
            Some(&item) => seed.deserialize(decoder.child(item)).map(Some).map_err(|error| error.at(item)),
            None => Ok(None),
        }
    }
}

/// What [`Spanned`] asks for: the node's number, then its value.
struct NodeAndValue<'s, 'm> {
    decoder: Decoder<'s, 'm>,
    step: u8,
}

impl<'de> SeqAccess<'de> for NodeAndValue<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.step += 1;
        match self.step {
            1 => {
                let number: U32Deserializer<Error> = self.decoder.node.0.into_deserializer();
                seed.deserialize(number).map(Some)
            }
            2 => seed.deserialize(self.decoder).map(Some).map_err(|error| error.at(self.decoder.node)),
            _ => Ok(None),
        }
    }
}

/// The pairs of a mapping. Of a struct's (`fields` given) only the known ones: the others go to
/// its `$rest`, or are reported.
struct Pairs<'s, 'm> {
    decoder: Decoder<'s, 'm>,
    pairs: std::slice::Iter<'s, (NodeId, NodeId)>,
    value: Option<NodeId>,
    fields: Option<&'static [&'static str]>,
    rest: Vec<u32>,
    rest_given: bool,
}

impl<'de> MapAccess<'de> for Pairs<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Decoder { tree, state, .. } = self.decoder;
        for &(key, value) in self.pairs.by_ref() {
            if self.decoder.is_pruned(key) || self.decoder.is_pruned(value) {
                continue;
            }
            let Some(fields) = self.fields else {
                self.value = Some(value);
                return seed.deserialize(self.decoder.child(key)).map(Some).map_err(|error| error.at(key));
            };
            let name = tree.scalar(key).unwrap_or_default();
            if fields.contains(&name) && name != REST {
                self.value = Some(value);
                let name: StrDeserializer<'_, Error> = name.into_deserializer();
                return seed.deserialize(name).map(Some);
            }
            if fields.contains(&REST) {
                self.rest.extend([key.0, value.0]);
                continue;
            }
            state.pruned.borrow_mut().insert(key);
            state.diagnostics.borrow_mut().push(errors::unknown_key(
                name,
                tree.place(key),
                fields.iter().copied(),
            ));
        }
        if self.fields.is_some() && !self.rest_given {
            self.rest_given = true;
            self.value = None;
            let name: StrDeserializer<'_, Error> = REST.into_deserializer();
            return seed.deserialize(name).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(self.decoder.child(value)).map_err(|error| error.at(value)),
            None => {
                let rest: SeqDeserializer<_, Error> =
                    SeqDeserializer::new(std::mem::take(&mut self.rest).into_iter());
                seed.deserialize(rest)
            }
        }
    }
}
