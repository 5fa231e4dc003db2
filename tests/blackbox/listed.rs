//! A store in S3 with any number of objects, which are listed page by page and made when they are
//! read.

use qldb_journal::Hash;

use crate::canned::{Canned, Reply};
use crate::objects::Objects;

/// The bucket that the objects are in.
pub(crate) const BUCKET: &str = "exports";
/// The number of keys on a page of a listing.
const PAGE: usize = 1_000;

/// Serves some objects.
pub(crate) fn store(objects: Objects) -> Canned {
    let mut listed: Vec<(String, u64)> = (0..objects.files()).map(|number| objects.file(number)).collect();
    listed.sort_unstable();
    Canned::new(move |request, _| {
        let (path, query) = request.split_once('?').unwrap_or((request, ""));
        if query.contains("list-type=2") {
            let token = query.split('&').find_map(|part| part.strip_prefix("continuation-token="));
            return page(&listed, token.map_or(0, |token| token.parse().unwrap()));
        }
        let (_, key) = path.split_once(&format!("/{BUCKET}/")).unwrap();
        Reply::Http(200, "", String::from_utf8(objects.content(key)).unwrap())
    })
}

fn page(listed: &[(String, u64)], begin: usize) -> Reply {
    let end = (begin + PAGE).min(listed.len());
    let contents = listed[begin..end].iter().map(|(key, size)| {
        // As long as S3's, and another one for each object.
        let tag = &Hash::of(key.as_bytes()).to_hex()[..32];
        format!(
            "<Contents><Key>{key}</Key><LastModified>2024-03-31T12:00:00.000Z</LastModified>\
             <ETag>&quot;{tag}&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        )
    });
    let is_truncated = end < listed.len();
    let next = format!("<NextContinuationToken>{end}</NextContinuationToken>");
    let next = if is_truncated { next } else { String::new() };
    let contents: String = contents.collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>{BUCKET}</Name>\
         <IsTruncated>{is_truncated}</IsTruncated>{next}{contents}</ListBucketResult>"
    );
    Reply::Http(200, "", body)
}
