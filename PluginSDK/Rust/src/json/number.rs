use std::fmt;

/// A number, kept as its text so that no digit is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(pub(super) String);

impl Number {
    /// As an unsigned integer; none if it is negative, has a fraction or is too large.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// As a signed integer.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest floating point number; none if it is beyond all of them.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
