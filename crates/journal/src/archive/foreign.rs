//! What bytes are that are neither Ion nor JSON, told by how they begin: so
//! that somebody who forgot to unpack an archive is told that, and not that a
//! hash is wrong.

/// How many first bytes tell what can be told.
pub const TELLING: usize = 512;

/// Where a tar archive names itself.
const TAR_NAME: usize = 257;

const GZIP: &str = "it is compressed with gzip: unpack it first";
const BZIP2: &str = "it is compressed with bzip2: unpack it first";
const ZSTD: &str = "it is compressed with zstd: unpack it first";
const XZ: &str = "it is compressed with xz: unpack it first";
const LZ4: &str = "it is compressed with lz4: unpack it first";
const ZIP: &str = "it is a zip file: unpack it first";
const SEVEN_ZIP: &str = "it is a 7z file: unpack it first";
const TAR: &str = "it is a tar file: unpack it first";
const UTF_16: &str = "it is text in UTF-16: convert it to UTF-8 without a byte order mark first";
const UTF_32: &str = "it is text in UTF-32: convert it to UTF-8 without a byte order mark first";
const UTF_8_MARK: &str = "it begins with a byte order mark, which QLDB does not write: take its first three bytes away";
const APPLE_DOUBLE: &str = "it is AppleDouble, what macOS keeps beside a file, and not the file: fetch the file again";
const LARGE_FILE: &str = "it is the pointer of a file that Git LFS keeps elsewhere: fetch the file itself";
const MARKUP: &str = "it is XML or HTML, as a store answers what it refuses: fetch the object again";
const PARQUET: &str = "it is a Parquet file, which QLDB does not write";

/// How foreign bytes begin. The longer of two that begin alike comes first.
const BEGINNINGS: [(&[u8], &str); 20] = [
    (b"\x1F\x8B", GZIP),
    (b"BZh", BZIP2),
    (b"\x28\xB5\x2F\xFD", ZSTD),
    (b"\xFD7zXZ\x00", XZ),
    (b"\x04\x22\x4D\x18", LZ4),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"7z\xBC\xAF\x27\x1C", SEVEN_ZIP),
    (b"\xFF\xFE\x00\x00", UTF_32),
    (b"\x00\x00\xFE\xFF", UTF_32),
    (b"\xFF\xFE", UTF_16),
    (b"\xFE\xFF", UTF_16),
    (b"\xEF\xBB\xBF", UTF_8_MARK),
    (b"\x00\x05\x16\x07", APPLE_DOUBLE),
    (b"version https://git-lfs", LARGE_FILE),
    (b"<?xml", MARKUP),
    (b"<!DOCTYPE", MARKUP),
    (b"<html", MARKUP),
    (b"<Error", MARKUP),
    (b"PAR1", PARQUET),
];

/// What something is that begins with these bytes, and what to do with it: a whole clause that begins with "it is" or
/// "it begins". None if it may be Ion or JSON, or is of no kind that is known here. Of no use are more bytes than
/// [`TELLING`].
pub fn what_it_is(first: &[u8]) -> Option<&'static str> {
    let begins = BEGINNINGS.iter().find(|(beginning, _)| first.starts_with(beginning)).map(|(_, what)| *what);
    begins.or_else(|| is_tar(first).then_some(TAR)).or_else(|| is_wide(first).then_some(UTF_16))
}

fn is_tar(first: &[u8]) -> bool {
    first.get(TAR_NAME..).is_some_and(|rest| rest.starts_with(b"ustar"))
}

/// UTF-16 without a mark: every second byte of the text's beginning is zero.
fn is_wide(first: &[u8]) -> bool {
    let [one, two, three, four, ..] = *first else { return false };
    let text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    (two == 0 && four == 0 && text(one) && text(three)) || (one == 0 && three == 0 && text(two) && text(four))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_foreign_is_named_and_what_may_be_ours_is_not() {
        let mut tar = vec![b'x'; TAR_NAME];
        tar.extend_from_slice(b"ustar\x0000");
        for (bytes, word) in [
            (&b"\x1F\x8B\x08"[..], "gzip"),
            (b"\x28\xB5\x2F\xFD\x00", "zstd"),
            (b"PK\x03\x04", "zip"),
            (&tar, "tar"),
            (b"\xFF\xFE{\0", "UTF-16"),
            (b"\xFE\xFF\0{", "UTF-16"),
            (b"{\0k\0", "UTF-16"),
            (b"\0{\0k", "UTF-16"),
            (b"\xFF\xFE\0\0{", "UTF-32"),
            (b"\xEF\xBB\xBF{}", "byte order mark"),
            (b"\0\x05\x16\x07\0", "AppleDouble"),
            (b"<?xml version", "XML"),
        ] {
            let what = what_it_is(bytes).unwrap_or_default();
            assert!(what.contains(word), "{bytes:?}: {what}");
        }
        for ours in [&b""[..], b"{", b"{keys:[]}", b" \n{}", b"$ion_1_0 {}", b"\xE0\x01\x00\xEA", b"\0", b"PK", b"{}\n"]
        {
            assert_eq!(what_it_is(ours), None, "{ours:?}");
        }
    }
}
