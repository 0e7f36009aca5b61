use super::{Limits, Value};

#[test]
fn every_kind_of_value_comes_back_as_it_was_written() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "18446744073709551615",
        "-9223372036854775808",
        "1.5e-7",
        "\"\"",
        "[]",
        "{}",
        "[1,[2,[3]],{\"a\":null}]",
        "{\"a\":{\"b\":[true,false]},\"c\":\"\\\"\\\\\\n\\u0001\"}",
        "\"é€😀\"",
    ] {
        assert_eq!(Value::parse(text.as_bytes()).unwrap().to_string(), text);
    }
    assert_eq!(Value::parse(b" \"\\ud83d\\ude00\\/\\u00e9\" ").unwrap(), Value::from("😀/é"));
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    let cases: &[(&[u8], usize)] = &[
        (b"", 0),
        (b" ", 1),
        (b"{", 1),
        (b"[", 1),
        (b"[1", 2),
        (b"[1,]", 3),
        (b"{\"a\"}", 4),
        (b"{\"a\":1,}", 7),
        (b"{a:1}", 1),
        (b"\"", 1),
        (b"\"\\", 2),
        (b"\"\\x\"", 2),
        (b"\"\\u12g4\"", 5),
        (b"\"\\ud800\"", 7),
        (b"\"\\udc00\"", 7),
        (b"\"\\ud800\\u0041\"", 13),
        (b"\"\x01\"", 1),
        (b"\xff", 0),
        (b"\"\xc3\"", 1),
        (b"\xef\xbb\xbf{}", 0),
        (b"01", 1),
        (b"-", 1),
        (b"1.", 2),
        (b".5", 0),
        (b"1e", 2),
        (b"+1", 0),
        (b"nul", 0),
        (b"NaN", 0),
        (b"1 2", 2),
        (b"{\"a\":1,\"a\":2}", 12),
        (b"{\"a\":1,\"\\u0061\":2}", 17),
        (b"{}}", 2),
        (b"'a'", 0),
        (b"[1 2]", 3),
    ];
    for (text, offset) in cases {
        let error = Value::parse(text).expect_err(&String::from_utf8_lossy(text));
        assert_eq!(error.offset, *offset, "{}: {error}", String::from_utf8_lossy(text));
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(Value::parse(&deep(128)).is_ok());
    assert!(Value::parse(&deep(129)).is_err());
    assert!(Value::parse(&vec![b'['; 1 << 20]).is_err());
    assert!(Value::parse_within(&deep(513), Limits { bytes: 1 << 20, depth: usize::MAX }).is_err());
    assert!(Value::parse_within(b"[1]", Limits { bytes: 2, depth: 9 }).is_err());
}

#[test]
fn integers_are_exact_and_never_wrap() {
    let value = Value::parse(b"[18446744073709551615,18446744073709551616,-1,1.0,9007199254740993]").unwrap();
    let numbers: Vec<_> = value.as_array().unwrap().iter().map(Value::as_u64).collect();
    assert_eq!(numbers, [Some(u64::MAX), None, None, None, Some(9_007_199_254_740_993)]);
    assert_eq!(Value::parse(b"1e999").unwrap().as_f64(), None);
    assert_eq!(Value::from(f64::NAN), Value::Null);
}

#[test]
fn damaged_texts_never_panic() {
    let text = br#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n",{"b":null,"c":[true,false]}],"d":{"e":""}}"#;
    assert!(Value::parse(text).is_ok());
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..20_000 {
        let mut damaged = text.to_vec();
        for _ in 0..=(round % 3) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = (seed >> 32) as usize % damaged.len();
            match seed % 3 {
                0 => damaged[at] = seed as u8,
                1 => damaged.truncate(at.max(1)),
                _ => damaged.insert(at, b"{}[]\",:\\u0"[(seed >> 16) as usize % 10]),
            }
        }
        if let Ok(value) = Value::parse(&damaged) {
            assert_eq!(Value::parse(value.to_string().as_bytes()).as_ref(), Ok(&value));
        }
    }
}
