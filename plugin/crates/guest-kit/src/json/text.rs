//! JSON as text, byte for byte as `serde_json` writes it without blanks.
//!
//! `serde_json` writes wherever one can write, and what it compiles for a type passes on what can go wrong
//! there. Here nothing goes wrong but a key that is no text, so what is compiled for a field is two calls.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::unfit::Unfit;

/// What a value is written behind.
pub(super) struct Text<'t>(pub(super) &'t mut Vec<u8>);

impl<'t> Text<'t> {
    /// Writes what `serde_json` writes for a value without parts.
    fn plain<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        serde_json::to_writer(self.0, value).map_err(|_| Unfit)
    }

    fn open(self, opening: &[u8], closing: &'static [u8]) -> Parts<'t> {
        self.0.extend_from_slice(opening);
        Parts {
            text: self.0,
            closing,
        }
    }

    /// Opens an object of one member, and what that is.
    fn open_variant(
        self,
        name: &str,
        opening: &[u8],
        closing: &'static [u8],
    ) -> Result<Parts<'t>, Unfit> {
        self.0.push(b'{');
        Text(self.0).serialize_str(name)?;
        self.0.push(b':');
        Ok(self.open(opening, closing))
    }
}

macro_rules! plain {
    ($($method:ident: $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<(), Unfit> {
            self.plain(&value)
        }
    )*};
}

impl<'t> Serializer for Text<'t> {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Parts<'t>;
    type SerializeTuple = Parts<'t>;
    type SerializeTupleStruct = Parts<'t>;
    type SerializeTupleVariant = Parts<'t>;
    type SerializeMap = Parts<'t>;
    type SerializeStruct = Parts<'t>;
    type SerializeStructVariant = Parts<'t>;

    plain!(serialize_bool: bool, serialize_u64: u64, serialize_i64: i64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char);

    fn serialize_i8(self, value: i8) -> Result<(), Unfit> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unfit> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unfit> {
        self.serialize_i64(value.into())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unfit> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unfit> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unfit> {
        self.serialize_u64(value.into())
    }

    // Called from everywhere: one copy in the component is enough.
    #[inline(never)]
    fn serialize_str(self, value: &str) -> Result<(), Unfit> {
        self.plain(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unfit> {
        self.collect_seq(value)
    }

    fn serialize_unit(self) -> Result<(), Unfit> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unfit> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unfit> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<(), Unfit> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        let parts = self.open_variant(name, b"", b"}")?;
        value.serialize(Text(&mut *parts.text))?;
        parts.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'t>, Unfit> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'t>, Unfit> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'t>, Unfit> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'t>, Unfit> {
        self.open_variant(name, b"[", b"]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'t>, Unfit> {
        Ok(self.open(b"{", b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'t>, Unfit> {
        Ok(self.open(b"{", b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'t>, Unfit> {
        self.open_variant(name, b"{", b"}}")
    }
}

/// An array or an object that is being written.
pub(super) struct Parts<'t> {
    text: &'t mut Vec<u8>,
    closing: &'static [u8],
}

impl Parts<'_> {
    /// What comes next is a part. The first stands behind the bracket, and no part ends with one like it.
    #[inline(never)]
    fn separate(&mut self) {
        if !matches!(self.text.last(), Some(b'[' | b'{')) {
            self.text.push(b',');
        }
    }

    #[inline(never)]
    fn name(&mut self, name: &str) -> Result<(), Unfit> {
        self.separate();
        Text(self.text).serialize_str(name)?;
        self.text.push(b':');
        Ok(())
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.separate();
        value.serialize(Text(self.text))
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Unfit> {
        self.name(name)?;
        value.serialize(Text(self.text))
    }

    fn close(self) -> Result<(), Unfit> {
        self.text.extend_from_slice(self.closing);
        Ok(())
    }

    /// Makes what was written from there on a name.
    #[inline(never)]
    fn end_key(&mut self, start: usize) -> Result<(), Unfit> {
        match self.text.get(start) {
            Some(b'"') => {}
            Some(b'-' | b'0'..=b'9') => {
                self.text.insert(start, b'"');
                self.text.push(b'"');
            }
            _ => return Err(Unfit),
        }
        self.text.push(b':');
        Ok(())
    }
}

macro_rules! elements {
    ($($trait:ident: $method:ident),*) => {$(
        impl $trait for Parts<'_> {
            type Ok = ();
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
                self.element(value)
            }

            fn end(self) -> Result<(), Unfit> {
                self.close()
            }
        }
    )*};
}

elements!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

macro_rules! members {
    ($($trait:ident),*) => {$(
        impl $trait for Parts<'_> {
            type Ok = ();
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Unfit> {
                self.member(name, value)
            }

            fn end(self) -> Result<(), Unfit> {
                self.close()
            }
        }
    )*};
}

members!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        self.separate();
        let start = self.text.len();
        key.serialize(Text(self.text))?;
        self.end_key(start)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(Text(self.text))
    }

    fn end(self) -> Result<(), Unfit> {
        self.close()
    }
}
