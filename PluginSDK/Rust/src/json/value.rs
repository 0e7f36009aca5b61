use super::Number;
use crate::Error;
use std::collections::BTreeMap;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(Number),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Members by name.
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// An object of these members; of two with one name the later stays.
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// A list of these elements.
    pub fn array(elements: impl IntoIterator<Item = Value>) -> Value {
        Value::Array(elements.into_iter().collect())
    }

    /// A member of an object; none for other values.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The unsigned integer, if it is one.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }

    /// A member that must be text. The error names it.
    pub fn text(&self, name: &str) -> Result<&str, Error> {
        self.member(name, "text", Value::as_str)
    }

    /// A member that must be an integer from 0 to 2^64-1.
    pub fn unsigned(&self, name: &str) -> Result<u64, Error> {
        self.member(name, "an integer that is not negative", Value::as_u64)
    }

    /// A member that must be an integer from -2^63 to 2^63-1.
    pub fn integer(&self, name: &str) -> Result<i64, Error> {
        self.member(name, "an integer", Value::as_i64)
    }

    /// A member that must be true or false.
    pub fn boolean(&self, name: &str) -> Result<bool, Error> {
        self.member(name, "true or false", Value::as_bool)
    }

    /// A member that must be a list.
    pub fn list(&self, name: &str) -> Result<&[Value], Error> {
        self.member(name, "a list", Value::as_array)
    }

    fn member<'a, T>(&'a self, name: &str, what: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<T, Error> {
        self.get(name).and_then(read).ok_or_else(|| Error::invalid(format!("{name} must be {what}")))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

impl From<Vec<Value>> for Value {
    fn from(elements: Vec<Value>) -> Value {
        Value::Array(elements)
    }
}

/// `null` for what JSON has no number for: infinities and not-a-number.
impl From<f64> for Value {
    fn from(number: f64) -> Value {
        if number.is_finite() {
            Value::Number(Number(number.to_string()))
        } else {
            Value::Null
        }
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Value {
            fn from(number: $integer) -> Value {
                Value::Number(Number(number.to_string()))
            }
        }
    )*};
}
from_integer!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);
