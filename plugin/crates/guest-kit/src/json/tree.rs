//! A tree of JSON as what `serde` reads from.
//!
//! `serde_json` has one, too. Its error is a sentence; this one's is nothing at all, so that the compiler
//! leaves out what would make it, in the code of every type. A record is read from an object alone, and its
//! fields are looked up in the order in which the type names them: so the type is asked for a sequence, and
//! what finds out which field a name means is not compiled, nor what remembers which fields have come.

use std::slice;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use super::unfit::Unfit;

/// A tree that is read by taking it apart; `None` where there is none, as for a field without a member.
pub(super) struct Tree(pub(super) Option<Value>);

impl Tree {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let Some(Value::Number(number)) = self.0 else {
            return Err(Unfit);
        };
        match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => visitor.visit_u64(number),
            (None, Some(number)) => visitor.visit_i64(number),
            (None, None) => visitor.visit_f64(number.as_f64().ok_or(Unfit)?),
        }
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Some(Value::String(text)) => visitor.visit_string(text),
            _ => Err(Unfit),
        }
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let mut items = self.items()?;
        let value = visitor.visit_seq(&mut items)?;
        // A tuple takes as many as it has places.
        match items.0.next() {
            None => Ok(value),
            Some(_) => Err(Unfit),
        }
    }

    fn object<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_map(self.members()?)
    }

    fn record<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_seq(self.fields(fields)?)
    }

    // What follows does not depend on what is read: one copy of each is enough.

    #[inline(never)]
    fn items(self) -> Result<Items, Unfit> {
        match self.0 {
            Some(Value::Array(items)) => Ok(Items(items.into_iter())),
            _ => Err(Unfit),
        }
    }

    #[inline(never)]
    fn members(self) -> Result<Members, Unfit> {
        match self.0 {
            Some(Value::Object(members)) => Ok(Members {
                rest: members.into_iter(),
                value: None,
            }),
            _ => Err(Unfit),
        }
    }

    #[inline(never)]
    fn fields(self, names: &'static [&'static str]) -> Result<Fields, Unfit> {
        match self.0 {
            Some(Value::Object(members)) => Ok(Fields {
                members,
                names: names.iter(),
            }),
            _ => Err(Unfit),
        }
    }

    #[inline(never)]
    fn variant(self) -> Result<Variant, Unfit> {
        match self.0 {
            Some(Value::String(name)) => Ok(Variant {
                name,
                content: None,
            }),
            Some(Value::Object(members)) => {
                let mut members = members.into_iter();
                match (members.next(), members.next()) {
                    (Some((name, content)), None) => Ok(Variant {
                        name,
                        content: Some(content),
                    }),
                    _ => Err(Unfit),
                }
            }
            _ => Err(Unfit),
        }
    }
}

macro_rules! read_as {
    ($kind:ident: $($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Unfit> {
            self.$kind(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Unfit;

    read_as!(number:
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_f32() deserialize_f64()
    );
    read_as!(text: deserialize_char() deserialize_str() deserialize_string() deserialize_identifier());
    read_as!(list: deserialize_seq() deserialize_tuple(_length: usize));
    read_as!(object: deserialize_map());

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            None => Err(Unfit),
            Some(Value::Null) => visitor.visit_unit(),
            Some(Value::Bool(value)) => visitor.visit_bool(value),
            Some(Value::Number(_)) => self.number(visitor),
            Some(Value::String(_)) => self.text(visitor),
            Some(Value::Array(_)) => self.list(visitor),
            Some(Value::Object(_)) => self.object(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.record(fields, visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Some(Value::Bool(value)) => visitor.visit_bool(value),
            _ => Err(Unfit),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Some(Value::Null) => visitor.visit_unit(),
            _ => Err(Unfit),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            None | Some(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_enum(self.variant()?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { bytes byte_buf unit_struct tuple_struct }
}

/// What is left of an array.
struct Items(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unfit> {
        let item = self.0.next();
        item.map(|item| seed.deserialize(Tree(Some(item))))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// An object whose members are looked up by the names of a record's fields.
struct Fields {
    members: Map<String, Value>,
    names: slice::Iter<'static, &'static str>,
}

impl Fields {
    #[inline(never)]
    fn next(&mut self) -> Tree {
        let name = self.names.next();
        Tree(name.and_then(|name| self.members.remove(*name)))
    }
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Unfit;

    /// Without a member, a field has the value that it takes for none at all, as an option does. Where it
    /// has no such value the sequence ends for this field: then it takes its default, or there is no record.
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unfit> {
        let tree = self.next();
        let missing = tree.0.is_none();
        match seed.deserialize(tree) {
            Ok(value) => Ok(Some(value)),
            Err(Unfit) if missing => Ok(None),
            Err(Unfit) => Err(Unfit),
        }
    }
}

/// What is left of an object, and the value whose name was read.
struct Members {
    rest: map::IntoIter,
    value: Option<Value>,
}

impl Members {
    /// The name of the next member; its value waits.
    #[inline(never)]
    fn next(&mut self) -> Option<Tree> {
        let (name, value) = self.rest.next()?;
        self.value = Some(value);
        Some(Tree(Some(Value::String(name))))
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unfit> {
        let name = self.next();
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        seed.deserialize(Tree(self.value.take()))
    }
}

/// A variant by its name, with what it holds.
struct Variant {
    name: String,
    content: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unfit;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), Unfit> {
        let variant = seed.deserialize(Tree(Some(Value::String(self.name))))?;
        Ok((variant, Content(self.content)))
    }
}

/// What a variant holds.
struct Content(Option<Value>);

impl Content {
    fn tree(self) -> Result<Tree, Unfit> {
        self.0.map(|value| Tree(Some(value))).ok_or(Unfit)
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Unfit;

    fn unit_variant(self) -> Result<(), Unfit> {
        match self.0 {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(Unfit),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unfit> {
        seed.deserialize(self.tree()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unfit> {
        self.tree()?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.tree()?.record(fields, visitor)
    }
}
