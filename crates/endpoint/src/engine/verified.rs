//! Verifies a journal as it is stored, without a catalog: every block by itself, every segment by
//! its name, and all of them by their hashes and numbers.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::folder::{JournalFolder, numbers};
use super::import::hash_at;
use super::places::{PlaceError, Places, SegmentAt};
use super::segment::{BUFFER, HashedReader, NewSegment, Segment};
use qldb_journal::internal::{Outline, check};
use qldb_journal::request::UniqueId;
use qldb_journal::{BlockReader, Encoding, Hash, RawBlock};

/// Why a journal is not proved.
pub(super) enum Unproved {
    /// Something was changed.
    Damaged(String),
    /// Something is missing.
    Incomplete(String),
    /// Something can't be read, which may be temporary.
    Unreadable(String),
}

/// The segments of a journal in order, with the information from their blocks: those in its folder, and those that are
/// stored `elsewhere`. `tip` is the number and the hash of the last block, if they are known.
///
/// If joining segments was interrupted, the joined file is beside those that it was made from. Either of the two is
/// complete; the joined one is used, if it is.
pub(super) fn verified_journal(
    places: &Places,
    data_dir: &Path,
    folder: &JournalFolder,
    elsewhere: &[SegmentAt],
    tip: Option<(u64, Hash)>,
) -> Result<(Vec<NewSegment>, Outline), Unproved> {
    let (joined, parts) = choices(&folder.segments);
    let verify = |chosen: &[&PathBuf]| verified_choice(places, data_dir, (&folder.strand, chosen), elsewhere, tip);
    match verify(&joined) {
        Err(unproved) if joined != parts => verify(&parts).map_err(|_| unproved),
        verified => verified,
    }
}

/// Of files whose names say that they hold the same blocks: the largest, and the smallest.
fn choices(paths: &[PathBuf]) -> (Vec<&PathBuf>, Vec<&PathBuf>) {
    let mut named: Vec<_> = paths.iter().filter_map(|path| Some((numbers(path)?, path))).collect();
    named.sort_by_key(|((first, last), _)| (*first, std::cmp::Reverse(*last)));
    let holds = |one: (u64, u64), other: (u64, u64)| one.0 <= other.0 && other.1 <= one.1;
    let mut largest: Vec<((u64, u64), &PathBuf)> = Vec::new();
    let mut smallest = Vec::new();
    for (index, (range, path)) in named.iter().enumerate() {
        if !largest.last().is_some_and(|(before, _)| holds(*before, *range)) {
            largest.push((*range, path));
        }
        if !named.get(index + 1).is_some_and(|(next, _)| holds(*range, *next)) {
            smallest.push(*path);
        }
    }
    (largest.into_iter().map(|(_, path)| path).collect(), smallest)
}

fn verified_choice(
    places: &Places,
    data_dir: &Path,
    (strand, chosen): (&UniqueId, &[&PathBuf]),
    elsewhere: &[SegmentAt],
    tip: Option<(u64, Hash)>,
) -> Result<(Vec<NewSegment>, Outline), Unproved> {
    let mut read = Vec::new();
    for path in chosen {
        let place = SegmentAt::File(path.strip_prefix(data_dir).map_or_else(|_| (*path).clone(), Path::to_owned));
        let (segment, outline) = verified_segment(places, &place, strand)?;
        refuse_name(path, &segment.segment)?;
        read.push((segment, outline));
    }
    for place in elsewhere {
        read.push(verified_segment(places, place, strand)?);
    }
    read.sort_by_key(|(new, _)| (new.segment.first, new.segment.last));
    let (segments, outlines): (Vec<NewSegment>, Vec<Outline>) = read.into_iter().unzip();
    join(&segments)?;
    judge_tip(&segments, tip)?;
    let mut whole = Outline::default();
    outlines.iter().for_each(|outline| whole.merge(outline));
    Ok((segments, whole))
}

/// The name of a segment must say which blocks it holds.
fn refuse_name(path: &Path, segment: &Segment) -> Result<(), Unproved> {
    if numbers(path) == Some((segment.first, segment.last)) {
        return Ok(());
    }
    let (first, last) = (segment.first, segment.last);
    Err(Unproved::Damaged(format!("{} holds the blocks {first} to {last}, and its name says others", path.display())))
}

/// Each segment must follow the one before it.
fn join(segments: &[NewSegment]) -> Result<(), Unproved> {
    if let Some(first) = segments.first().map(|new| &new.segment).filter(|segment| segment.first == 0)
        && first.first_previous_hash.is_some()
    {
        return Err(Unproved::Damaged(format!("segment {}: block 0 names a block before it", first.place)));
    }
    for pair in segments.windows(2) {
        let [before, after] = pair else { continue };
        let (before, after) = (&before.segment, &after.segment);
        if after.first <= before.last {
            let reason = format!("the segments {} and {} hold the same blocks", before.place, after.place);
            return Err(Unproved::Damaged(reason));
        }
        if after.first > before.last + 1 {
            let (first, last) = (before.last + 1, after.first - 1);
            return Err(Unproved::Incomplete(format!("the blocks {first} to {last} are missing")));
        }
        if after.first_previous_hash != Some(before.last_block_hash) {
            let reason = format!(
                "segment {}: block {} does not name the hash of block {}",
                after.place, after.first, before.last
            );
            return Err(Unproved::Damaged(reason));
        }
    }
    Ok(())
}

/// The recorded last block of the journal must be there. What follows it was being added when a process was
/// interrupted.
fn judge_tip(segments: &[NewSegment], tip: Option<(u64, Hash)>) -> Result<(), Unproved> {
    let Some((number, hash)) = tip else { return Ok(()) };
    let holds = |new: &&NewSegment| (new.segment.first..=new.segment.last).contains(&number);
    let Some(found) = segments.iter().find(holds) else {
        let end = segments.last().map_or_else(
            || "no segment is there".to_owned(),
            |new| format!("the segments end with block {}", new.segment.last),
        );
        return Err(Unproved::Incomplete(format!("the journal ended with block {number}, and {end}")));
    };
    if hash_at(&found.block_hashes, number - found.segment.first) == Some(hash) {
        return Ok(());
    }
    Err(Unproved::Damaged(format!("block {number} is another one than the journal ended with")))
}

/// Reads and checks every block of a segment.
fn verified_segment(places: &Places, place: &SegmentAt, strand: &UniqueId) -> Result<(NewSegment, Outline), Unproved> {
    let unreadable = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => Unproved::Incomplete(format!("segment {place} is missing")),
        _ if PlaceError::is_change(error) => Unproved::Damaged(error.to_string()),
        _ => Unproved::Unreadable(format!("segment {place} cannot be read: {error}")),
    };
    let source = places.open(place).map(HashedReader::new).map_err(|error| unreadable(&error))?;
    let mut source = BufReader::with_capacity(BUFFER, source);
    let mut walk = Walk { place, strand, segment: None, block_hashes: Vec::new(), outline: Outline::default() };
    let damaged =
        |offset: u64, reason: String| Unproved::Damaged(format!("segment {place} at offset {offset}: {reason}"));
    for block in BlockReader::new(&mut source, Encoding::IonText) {
        let block = block.map_err(|error| match &error.io {
            Some(error) => unreadable(error),
            None => damaged(error.offset, error.reason.clone()),
        })?;
        walk.add(&block).map_err(|reason| damaged(block.offset, reason))?;
    }
    let (bytes, sha256) = source.into_inner().finish().map_err(|error| unreadable(&error))?;
    let Walk { segment: Some(segment), block_hashes, outline, .. } = walk else {
        return Err(Unproved::Damaged(format!("segment {place} holds no block")));
    };
    Ok((NewSegment { segment: Segment { bytes, sha256, ..segment }, block_hashes }, outline))
}

/// What is known about a segment while its blocks are read.
struct Walk<'a> {
    place: &'a SegmentAt,
    strand: &'a UniqueId,
    segment: Option<Segment>,
    block_hashes: Vec<u8>,
    outline: Outline,
}

impl Walk<'_> {
    /// Checks another block, by itself and against the one before it; the error is the rule that it breaks.
    fn add(&mut self, block: &RawBlock) -> Result<(), String> {
        let number = block.header.sequence_no;
        let checked = check(block).map_err(|error| format!("block {number} cannot be read: {}", error.reason))?;
        if let Some(fault) = checked.faults.first() {
            let (field, expected, found) = (&fault.field, &fault.expected, &fault.found);
            return Err(format!("{field} of block {number}: expected {expected}, found {found}"));
        }
        if block.header.strand_id != self.strand.as_str() {
            return Err(format!("block {number} is of strand {}", block.header.strand_id));
        }
        let (time, hash) = (block.header.timestamp, block.links.block_hash);
        match &mut self.segment {
            Some(segment) if number != segment.last + 1 => {
                return Err(format!("block {number} follows block {}", segment.last));
            }
            Some(segment) if block.links.previous_block_hash != Some(segment.last_block_hash) => {
                return Err(format!("block {number} does not name the hash of block {}", segment.last));
            }
            Some(segment) => {
                (segment.last, segment.last_block_hash) = (number, hash);
                segment.first_time = segment.first_time.min(time);
                segment.last_time = segment.last_time.max(time);
            }
            None => self.segment = Some(self.begun(block)),
        }
        self.block_hashes.extend_from_slice(hash.as_bytes());
        self.outline.add(block, Some(&checked));
        Ok(())
    }

    /// The segment according to its first block. Size and hash are known at its end.
    fn begun(&self, block: &RawBlock) -> Segment {
        let (number, time, hash) = (block.header.sequence_no, block.header.timestamp, block.links.block_hash);
        Segment {
            strand_id: self.strand.clone(),
            first: number,
            last: number,
            first_time: time,
            last_time: time,
            first_previous_hash: block.links.previous_block_hash,
            last_block_hash: hash,
            bytes: 0,
            sha256: hash,
            place: self.place.clone(),
            encoding: block.encoding,
        }
    }
}
