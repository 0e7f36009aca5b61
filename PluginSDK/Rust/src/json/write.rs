use super::Value;
use std::fmt;

/// Writes compact JSON text.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => formatter.write_str("null"),
            Value::Bool(value) => write!(formatter, "{value}"),
            Value::Number(number) => write!(formatter, "{number}"),
            Value::String(text) => write_string(text, formatter),
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    write!(formatter, "{}{element}", if index == 0 { "[" } else { "," })?;
                }
                formatter.write_str(if elements.is_empty() { "[]" } else { "]" })
            }
            Value::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    formatter.write_str(if index == 0 { "{" } else { "," })?;
                    write_string(name, formatter)?;
                    write!(formatter, ":{value}")?;
                }
                formatter.write_str(if members.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn write_string(text: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_str("\"")?;
    let mut written = 0;
    for (index, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f | 0x7f => "",
            _ => continue,
        };
        formatter.write_str(&text[written..index])?;
        if escape.is_empty() {
            write!(formatter, "\\u{byte:04x}")?;
        } else {
            formatter.write_str(escape)?;
        }
        written = index + 1;
    }
    formatter.write_str(&text[written..])?;
    formatter.write_str("\"")
}
