use super::{Number, Value};
use std::collections::BTreeMap;
use std::fmt;

/// What a parser accepts at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Objects and lists inside each other, the root counting 1. More than 512 counts as 512: the parser recurses.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 16 << 20, depth: 128 }
    }
}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where in the text, in bytes.
    pub offset: usize,
    /// What was expected or is not allowed.
    pub reason: &'static str,
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no valid JSON at byte {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for ParseError {}

impl Value {
    /// Reads JSON text with the usual limits: valid UTF-8, no repeated members, nothing after the value.
    pub fn parse(text: &[u8]) -> Result<Value, ParseError> {
        Value::parse_within(text, Limits::default())
    }

    /// The same with limits of one's own.
    pub fn parse_within(text: &[u8], limits: Limits) -> Result<Value, ParseError> {
        if text.len() > limits.bytes {
            return Err(ParseError { offset: limits.bytes, reason: "the text is too long" });
        }
        let text = std::str::from_utf8(text)
            .map_err(|error| ParseError { offset: error.valid_up_to(), reason: "the text is not UTF-8" })?;
        let mut parser = Parser { text, at: 0, depth: limits.depth.min(512) };
        let value = parser.value()?;
        parser.skip_blanks();
        match parser.peek() {
            None => Ok(value),
            Some(_) => parser.fail("something follows the value"),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// How much deeper it may go.
    depth: usize,
}

type Parsed<T> = Result<T, ParseError>;

impl Parser<'_> {
    fn fail<T>(&self, reason: &'static str) -> Parsed<T> {
        Err(ParseError { offset: self.at, reason })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Parsed<Value> {
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => self.nested(Parser::object),
            Some(b'[') => self.nested(Parser::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => self.fail("a value is missing"),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Parsed<Value>) -> Parsed<Value> {
        if self.depth == 0 {
            return self.fail("too deeply nested");
        }
        self.depth -= 1;
        self.at += 1;
        let value = read(self);
        self.depth += 1;
        value
    }

    fn object(&mut self) -> Parsed<Value> {
        let mut members = BTreeMap::new();
        self.skip_blanks();
        if self.takes(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return self.fail("a member's name is missing");
            }
            let name = self.string()?;
            self.skip_blanks();
            if !self.takes(b':') {
                return self.fail("a colon is missing");
            }
            let value = self.value()?;
            if members.insert(name, value).is_some() {
                return self.fail("a member is repeated");
            }
            self.skip_blanks();
            if self.takes(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.takes(b',') {
                return self.fail("a comma or the object's end is missing");
            }
        }
    }

    fn array(&mut self) -> Parsed<Value> {
        let mut elements = Vec::new();
        self.skip_blanks();
        if self.takes(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            self.skip_blanks();
            if self.takes(b']') {
                return Ok(Value::Array(elements));
            }
            if !self.takes(b',') {
                return self.fail("a comma or the list's end is missing");
            }
        }
    }

    fn word(&mut self) -> Parsed<Value> {
        for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.fail("this begins no value")
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        self.takes(b'-');
        if !self.takes(b'0') && self.digits() == 0 {
            return self.fail("a digit is missing");
        }
        if self.takes(b'.') && self.digits() == 0 {
            return self.fail("a digit is missing");
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return self.fail("a digit is missing");
            }
        }
        Ok(Value::Number(Number(self.text[start..self.at].to_owned())))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Parsed<String> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let start = self.at;
            while matches!(self.peek(), Some(byte) if byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.at += 1;
            }
            // Both ends lie beside an ASCII byte, so never inside a character.
            string.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => {
                    self.at += 1;
                    string.push(self.escape()?);
                }
                Some(_) => return self.fail("a control character in a text"),
                None => return self.fail("the text has no end"),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let character = match self.peek() {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return self.fail("an unknown escape"),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode(&mut self) -> Parsed<char> {
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).map_or_else(|| self.fail("half of a surrogate pair"), Ok);
        }
        if !(self.takes(b'\\') && self.takes(b'u')) {
            return self.fail("half of a surrogate pair");
        }
        let second = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&second) {
            return self.fail("half of a surrogate pair");
        }
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        char::from_u32(code).map_or_else(|| self.fail("half of a surrogate pair"), Ok)
    }

    fn four_digits(&mut self) -> Parsed<u32> {
        let mut number = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            match digit {
                Some(digit) => number = number * 16 + digit,
                None => return self.fail("four hexadecimal digits are missing"),
            }
            self.at += 1;
        }
        Ok(number)
    }
}
