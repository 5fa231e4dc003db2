use super::*;

/// Reads everything; returns how much, or where the text ended too early.
fn read(text: &[u8], grammar: Grammar) -> Result<usize, IonError> {
    count(TextReader::with_grammar(text, Arc::default(), grammar))
}

fn read_part(text: &[u8], grammar: Grammar) -> Result<usize, IonError> {
    let mut reader = TextReader::with_grammar(text, Arc::default(), grammar);
    reader.set_may_go_on(true);
    count(reader)
}

fn count(mut reader: TextReader<'_>) -> Result<usize, IonError> {
    let mut items = 0;
    while reader.next_item()?.is_some() {
        items += 1;
    }
    Ok(items)
}

#[test]
fn every_cut_of_a_struct_is_known_to_be_one() {
    let texts = [
        r#"{a:"x\"}\u00e4\ud83d\ude00é",b:{{aGk=}},'c d':'}',d:'''}''' '''\x41\
''',e:[(/ /*}*/ +// * -inf nan)],f:{{"x\x00"}},g:{{'''y''' '''z'''}}} "#,
        "{$ion:null.int,x::y::f:0} ",
        "{a:-12.5d-3,b:2024-03-01T00:00:00.000Z,c:+inf,d:null.struct,e:u::v::{},f:0xFF_FF} ",
    ];
    for text in texts.map(|text| text.replace("x::y::f", "x")) {
        assert!(read(text.as_bytes(), Grammar::Ion).is_ok(), "{text}");
        for cut in 1..text.len() - 1 {
            let found = read_part(&text.as_bytes()[..cut], Grammar::Ion);
            assert!(found.as_ref().is_err_and(|error| error.ended), "{} {found:?}", &text[..cut.min(text.len())]);
        }
    }
}

#[test]
fn every_cut_of_an_object_is_known_to_be_one() {
    let text = r#"{"a":"x\"\u00e4\ud83d\ude00é","b":[1,-2.5e-3,true,false,null,{}]}"#;
    assert!(read(text.as_bytes(), Grammar::Json).is_ok());
    for cut in 1..text.len() {
        let found = read_part(&text.as_bytes()[..cut], Grammar::Json);
        assert!(found.as_ref().is_err_and(|error| error.ended), "{cut} {found:?}");
    }
}

#[test]
fn what_only_ion_has_is_not_json() {
    for text in [
        "{a:1}",
        "{\"a\":b}",
        "[1,]",
        "[1 /**/]",
        "[// \n]",
        "['a']",
        "['''a''']",
        "[{{}}]",
        "[(a)]",
        "[x::1]",
        "[+inf]",
        "[nan]",
        "[0x1]",
        "[1d2]",
        "[1.]",
        "[01]",
        "[1_0]",
        "[2024T]",
        "[2024-03-01]",
        "[null.int]",
        "[\"\\x41\"]",
        "[\"\\a\"]",
        "[\"a\tb\"]",
        "[\x0b]",
        "[-]",
        "[1e]",
    ] {
        assert!(read(text.as_bytes(), Grammar::Json).is_err(), "{text}");
    }
    for text in ["[1.5e+3,0,-0,1E2]", " {} \n[]\r\n", "{\"a\":\"\\/\\b\\f\\u0041\"}"] {
        assert!(read(text.as_bytes(), Grammar::Json).is_ok(), "{text}");
    }
}

#[test]
fn operators_are_symbols_up_to_their_last_character_and_comments_begin_after_a_space() {
    for (text, items) in [("(+//)", 3), ("(a+/*b)", 5), ("(a//)\n)", 3), ("(a /*)*/ b)", 4), ("(1//)\n)", 3)] {
        assert_eq!(read(text.as_bytes(), Grammar::Ion), Ok(items), "{text}");
    }
}

#[test]
fn white_space_of_every_kind_ends_numbers_symbols_and_blobs() {
    for white in ["\x0b", "\x0c", "\t", "\r", "\n", " "] {
        let text = format!("[a{white},1{white},{{{{{white}aGk={white}}}}},2007T{white},-{white}]").replace(",-", "");
        assert_eq!(read(text.as_bytes(), Grammar::Ion).map_err(|error| error.to_string()), Ok(6), "{text:?}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_named_where_they_stand() {
    let error = read(b"{a:\"\xff\"}", Grammar::Ion).unwrap_err();
    assert_eq!((error.offset, error.reason.as_str(), error.ended), (4, "not UTF-8", false));
    assert!(read("{a:\"ä".as_bytes().split_last().unwrap().1, Grammar::Ion).unwrap_err().ended);
}
