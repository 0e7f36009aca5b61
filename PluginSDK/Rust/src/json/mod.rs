//! JSON as the node speaks it: strict, exact integers, bounded depth.

mod number;
mod parse;
mod value;
mod write;

pub use number::Number;
pub use parse::{Limits, ParseError};
pub use value::Value;

#[cfg(test)]
mod tests;
