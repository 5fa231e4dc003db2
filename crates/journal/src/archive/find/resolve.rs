//! Finds the file for a key in a manifest. An archive may have been moved, its prefix removed or
//! renamed, and a manifest may list keys with the prefix or without (docs/qldb.md 3.1); so the
//! exact key comes first, then less and less exact ones, and never what another export lists more
//! exactly.

use std::collections::HashMap;

use super::FileRef;
use super::described::Described;
use super::files::{Files, ManifestPlace, below};
use crate::archive::names::{base, below_prefix, folder};

/// Interpretations of a key that [`Files::exact`] does not find, the most exact first. All exports try one before any
/// tries the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Literally: the manifests were moved away from it.
    Whole,
    /// The hour's folder and the name, below the manifest's own place, with or without a slash after the prefix.
    Below,
    /// Beside the manifest, without the hour's folder.
    Beside,
    /// Anywhere in an hour's folder of the same name.
    Anywhere,
}

impl Step {
    const ALL: [Self; 4] = [Self::Whole, Self::Below, Self::Beside, Self::Anywhere];
}

/// Finds the file of each listed key that is not exactly where its manifest says.
pub(super) fn resolve(exports: &mut [Described], files: &Files) {
    // An archive that was not moved needs no more, however large it is.
    if exports.iter().flat_map(Described::objects).all(|listed| listed.file.is_some()) {
        return;
    }
    let mut claims = Claims::of(exports);
    for step in Step::ALL {
        let mut found: Vec<(usize, FileRef)> = Vec::new();
        for (index, export) in exports.iter_mut().enumerate() {
            let Described { places, started, lists, .. } = export;
            let prefix = started.prefix.as_deref();
            for listed in lists.iter_mut().flat_map(|list| &mut list.objects).filter(|one| one.file.is_none()) {
                let may_take = |file: &FileRef| claims.allow(index, file);
                let key = listed.key();
                let file = places.iter().find_map(|place| take(step, place, prefix, key, files, &may_take));
                if let Some(file) = file {
                    found.push((index, file.clone()));
                    listed.found(file.clone());
                }
            }
        }
        for (index, file) in found {
            claims.add(step, index, &file);
        }
    }
}

fn take<'a>(
    step: Step,
    place: &ManifestPlace,
    prefix: Option<&str>,
    key: &str,
    files: &'a Files,
    may_take: &dyn Fn(&FileRef) -> bool,
) -> Option<&'a FileRef> {
    let at = |key: String| files.at(place.source, &key).filter(|file| may_take(file));
    let head = &place.head;
    let tail = below_prefix(key);
    let rest = below(prefix, key);
    match step {
        Step::Whole => at(key.to_owned()),
        Step::Below => {
            let tails = [Some(rest.trim_start_matches('/')), tail];
            tails
                .into_iter()
                .flatten()
                .find_map(|tail| at(format!("{head}{tail}")).or_else(|| at(format!("{head}/{tail}"))))
        }
        Step::Beside => at(match folder(head) {
            "" => base(key).to_owned(),
            folder => format!("{folder}/{}", base(key)),
        }),
        Step::Anywhere => anywhere(place, prefix, key, files, may_take),
    }
}

/// Of several files, the one whose key matches furthest, and then the one that is nearest to the manifest.
fn anywhere<'a>(
    place: &ManifestPlace,
    prefix: Option<&str>,
    key: &str,
    files: &'a Files,
    may_take: &dyn Fn(&FileRef) -> bool,
) -> Option<&'a FileRef> {
    const HOUR_FOLDER: usize = 4;
    // A prefix that does not end in a slash continues into the year.
    let year_is_glued = prefix.is_some_and(|prefix| !prefix.is_empty() && !prefix.ends_with('/'));
    let needed = 1 + HOUR_FOLDER - usize::from(year_is_glued);
    let candidates = files.called_as(place.source, key).filter(|(_, file)| may_take(file));
    let fitting = candidates.filter(|(candidate, _)| common_parts(candidate, key) >= needed);
    let best =
        fitting.max_by_key(|(candidate, _)| (common_parts(candidate, key), common_prefix(candidate, &place.head)));
    best.map(|(_, file)| file)
}

/// Which exports claim a file.
struct Claims {
    /// The ids of the exports.
    ids: Vec<String>,
    /// Which of them have an object at the exact key.
    at_home: Vec<bool>,
    holders: HashMap<(usize, String), Vec<usize>>,
}

impl Claims {
    fn of(exports: &[Described]) -> Self {
        let ids = exports.iter().map(|export| export.id.clone()).collect();
        let is_at_home = |export: &Described| export.objects().any(|listed| listed.file.is_some());
        let at_home = exports.iter().map(is_at_home).collect();
        let mut claims = Self { ids, at_home, holders: HashMap::new() };
        for (index, export) in exports.iter().enumerate() {
            export.objects().filter_map(|listed| listed.file.as_ref()).for_each(|file| claims.hold(index, file));
        }
        claims
    }

    fn add(&mut self, step: Step, export: usize, file: &FileRef) {
        // The last step may assign one file to several exports, which then are of the same range and hour.
        if step == Step::Anywhere {
            return;
        }
        self.hold(export, file);
    }

    fn hold(&mut self, export: usize, file: &FileRef) {
        let holders = self.holders.entry((file.source, file.found.key.clone())).or_default();
        if !holders.contains(&export) {
            holders.push(export);
        }
    }

    /// Whether an export may claim a file: one that no other has. A copy of only an export's manifests may have the
    /// objects of the export, but a copy that has some of its own must have all.
    fn allow(&self, export: usize, file: &FileRef) -> bool {
        let holders = self.holders.get(&(file.source, file.found.key.clone()));
        let is_copy = |holder: &usize| self.ids.get(*holder) == self.ids.get(export);
        let has_own = self.at_home.get(export).copied().unwrap_or_default();
        holders.is_none_or(|holders| holders.iter().all(|holder| *holder == export || (is_copy(holder) && !has_own)))
    }
}

/// The number of parts that two keys have in common, counted from the end.
fn common_parts(one: &str, other: &str) -> usize {
    one.rsplit('/').zip(other.rsplit('/')).take_while(|(one, other)| one == other).count()
}

fn common_prefix(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}
