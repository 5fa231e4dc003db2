//! Identifies bytes that are neither Ion nor JSON by how they begin, so that somebody who forgot to
//! unpack an archive learns that, instead of that a hash is wrong.

/// How many bytes are needed to recognise everything here.
pub const BEGINNING: usize = 512;

/// The offset of a tar archive's signature.
const TAR_NAME: usize = 257;

/// What something is that is neither Ion nor JSON, as a complete clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// Compressed with gzip.
    #[error("it is compressed with gzip")]
    Gzip,
    /// Compressed with bzip2.
    #[error("it is compressed with bzip2")]
    Bzip2,
    /// Compressed with zstd.
    #[error("it is compressed with zstd")]
    Zstd,
    /// Compressed with xz.
    #[error("it is compressed with xz")]
    Xz,
    /// Compressed with lz4.
    #[error("it is compressed with lz4")]
    Lz4,
    /// A zip file.
    #[error("it is a zip file")]
    Zip,
    /// A 7z file.
    #[error("it is a 7z file")]
    SevenZip,
    /// A tar file.
    #[error("it is a tar file")]
    Tar,
    /// Packed, according to its name.
    #[error("a file of an export that is packed")]
    Packed,
    /// Text in UTF-16.
    #[error("it is text in UTF-16")]
    Utf16,
    /// Text in UTF-32.
    #[error("it is text in UTF-32")]
    Utf32,
    /// Text that begins with a byte order mark.
    #[error("it begins with a byte order mark, which QLDB does not write")]
    ByteOrderMark,
    /// A companion file of macOS.
    #[error("it is an AppleDouble companion file of macOS, and not the file itself")]
    AppleDouble,
    /// A placeholder of Git LFS.
    #[error("it is a Git LFS pointer, and not the file itself")]
    LfsPointer,
    /// A store's error response in place of an object.
    #[error("it is XML or HTML, like an error response of a store")]
    Markup,
    /// Data of another format.
    #[error("it is a Parquet file, which QLDB does not write")]
    Parquet,
}

/// The first bytes of foreign formats. Of two that begin alike, the longer one comes first.
const BEGINNINGS: [(&[u8], Foreign); 20] = [
    (b"\x1F\x8B", Foreign::Gzip),
    (b"BZh", Foreign::Bzip2),
    (b"\x28\xB5\x2F\xFD", Foreign::Zstd),
    (b"\xFD7zXZ\x00", Foreign::Xz),
    (b"\x04\x22\x4D\x18", Foreign::Lz4),
    (b"PK\x03\x04", Foreign::Zip),
    (b"PK\x05\x06", Foreign::Zip),
    (b"7z\xBC\xAF\x27\x1C", Foreign::SevenZip),
    (b"\xFF\xFE\x00\x00", Foreign::Utf32),
    (b"\x00\x00\xFE\xFF", Foreign::Utf32),
    (b"\xFF\xFE", Foreign::Utf16),
    (b"\xFE\xFF", Foreign::Utf16),
    (b"\xEF\xBB\xBF", Foreign::ByteOrderMark),
    (b"\x00\x05\x16\x07", Foreign::AppleDouble),
    (b"version https://git-lfs", Foreign::LfsPointer),
    (b"<?xml", Foreign::Markup),
    (b"<!DOCTYPE", Foreign::Markup),
    (b"<html", Foreign::Markup),
    (b"<Error", Foreign::Markup),
    (b"PAR1", Foreign::Parquet),
];

impl Foreign {
    /// What something is that begins with these bytes. `None` if it may be Ion or JSON, or is of an unknown kind. More
    /// bytes than [`BEGINNING`] make no difference.
    pub fn of(first: &[u8]) -> Option<Self> {
        let begins = BEGINNINGS.iter().find(|(beginning, _)| first.starts_with(beginning)).map(|(_, what)| *what);
        begins.or_else(|| is_tar(first).then_some(Self::Tar)).or_else(|| is_wide(first).then_some(Self::Utf16))
    }
}

fn is_tar(first: &[u8]) -> bool {
    first.get(TAR_NAME..).is_some_and(|rest| rest.starts_with(b"ustar"))
}

/// UTF-16 without a byte order mark: every second byte at the beginning is zero.
fn is_wide(first: &[u8]) -> bool {
    let [one, two, three, four, ..] = *first else { return false };
    let text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    (two == 0 && four == 0 && text(one) && text(three)) || (one == 0 && three == 0 && text(two) && text(four))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_content_is_named_and_our_own_is_not() {
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
            let what = Foreign::of(bytes).map(|foreign| foreign.to_string()).unwrap_or_default();
            assert!(what.contains(word), "{bytes:?}: {what}");
        }
        for ours in [&b""[..], b"{", b"{keys:[]}", b" \n{}", b"$ion_1_0 {}", b"\xE0\x01\x00\xEA", b"\0", b"PK", b"{}\n"]
        {
            assert_eq!(Foreign::of(ours), None, "{ours:?}");
        }
    }
}
