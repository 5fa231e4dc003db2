//! Which revisions of a block lack their data although no statement of the
//! transaction deletes. A deletion has none, and the formula of its hash is not
//! known; but the statements are covered, and tell one from data that were cut
//! out.

use std::collections::{BTreeMap, HashSet};

use crate::ion::{Event, Item, Scalar};

/// What a walk over a block gathers about its deletions.
#[derive(Default)]
pub(super) struct Deletions {
    /// Of each statement, whether it deletes.
    statements: Vec<bool>,
    /// The statements of each document, by their index.
    documents: BTreeMap<String, Vec<u64>>,
    revisions: Vec<Revision>,
}

#[derive(Default)]
struct Revision {
    document_id: Option<String>,
    has_data: bool,
    has_metadata: bool,
}

impl Deletions {
    /// Takes an item of a block, with the fields that hold the containers around it.
    pub(super) fn take(&mut self, within: &[String], item: &Item<'_>) {
        let within: Vec<&str> = within.iter().skip(1).map(String::as_str).collect();
        match (&within[..], item.field.flatten(), &item.event) {
            (["transactionInfo", "statements", _], Some("statement"), Event::Scalar(Scalar::String(text))) => {
                let first = text.split_whitespace().next().unwrap_or_default();
                self.statements.push(first.eq_ignore_ascii_case("delete"));
            }
            (["transactionInfo", "documents", id, "statements"], _, Event::Scalar(Scalar::Int(index))) => {
                self.documents.entry((*id).to_owned()).or_default().extend(index.as_u64());
            }
            (["revisions"], _, Event::Begin(_)) => self.revisions.push(Revision::default()),
            (["revisions", _], Some(part), _) => {
                if let Some(revision) = self.revisions.last_mut() {
                    revision.has_data |= matches!(part, "data" | "dataHash");
                    revision.has_metadata |= part == "metadata";
                }
            }
            (["revisions", _, "metadata"], Some("id"), _) => {
                if let Some(revision) = self.revisions.last_mut() {
                    revision.document_id = item.text().map(str::to_owned);
                }
            }
            _ => {}
        }
    }

    /// How many revisions have no data, and no statement that deletes their document.
    pub(super) fn unexplained(&self) -> u64 {
        let mut bare: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        for revision in self.revisions.iter().filter(|revision| revision.has_metadata && !revision.has_data) {
            *bare.entry(revision.document_id.as_deref()).or_default() += 1;
        }
        bare.into_iter().map(|(id, count)| count.saturating_sub(self.deletions_of(id))).sum()
    }

    /// How many statements delete a document.
    fn deletions_of(&self, id: Option<&str>) -> u64 {
        let statements = id.and_then(|id| self.documents.get(id)).into_iter().flatten();
        let deletes = |index: &u64| usize::try_from(*index).is_ok_and(|at| self.statements.get(at) == Some(&true));
        statements.copied().filter(deletes).collect::<HashSet<u64>>().len() as u64
    }
}
