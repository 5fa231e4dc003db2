//! SHA-256 of several long inputs, each in its own lane. Lanes do not help with a single input, but
//! with many files, such as the segments of a journal, all of them do.

use std::cmp::Reverse;
use std::fs::File;
use std::io::{self, Read, Seek as _};

use aws_lc_rs::digest::{Context, SHA256};

use super::schedule::{Kernel, Step, plan};
use super::{BLOCK, Backend, Block, Digest};
use crate::Hash;

/// How much of an input is in memory.
const BUFFER: usize = 64 * 1024;

/// An input, and its approximate length, which determines which inputs are hashed together.
#[derive(Debug)]
pub struct Input<R> {
    /// The source of the bytes.
    pub source: R,
    /// The expected number of bytes.
    pub length: u64,
}

/// The number of bytes of an input, and its digest.
type Outcome = io::Result<(u64, Digest)>;

/// Reads each input to its end, and returns the number of its bytes and its digest, in the order of the inputs.
pub fn of_each<R: Read>(backend: Backend, inputs: Vec<Input<R>>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    outcomes.resize_with(inputs.len(), || Err(io::Error::other("an input was not read")));
    let mut queue: Vec<(usize, Input<R>)> = inputs.into_iter().enumerate().collect();
    queue.sort_by_key(|(_, input)| Reverse(input.length));
    let done = |index: usize, outcome| {
        if let Some(place) = outcomes.get_mut(index) {
            *place = outcome;
        }
    };
    hash(backend, queue, done);
    outcomes
}

/// Size and SHA-256 of each of several files, read from the beginning, in parallel.
pub fn of_files<'a>(files: impl Iterator<Item = &'a File>) -> Vec<io::Result<(u64, Hash)>> {
    let inputs: io::Result<Vec<Input<&File>>> = files
        .map(|mut source| {
            source.rewind()?;
            Ok(Input { source, length: source.metadata()?.len() })
        })
        .collect();
    match inputs {
        Ok(inputs) => of_each(Backend::best(), inputs)
            .into_iter()
            .map(|found| found.map(|(bytes, digest)| (bytes, Hash::from_bytes(digest))))
            .collect(),
        Err(error) => vec![Err(error)],
    }
}

#[cfg(target_arch = "x86_64")]
fn hash<R: Read>(backend: Backend, queue: Vec<(usize, Input<R>)>, done: impl FnMut(usize, Outcome)) {
    use super::simd::{Avx2, Avx512, ShaNi};
    match (backend, Avx512::detect(), Avx2::detect(), ShaNi::detect()) {
        (Backend::Avx512, Some(cpu), _, _) => in_lanes(cpu.kernel(), queue, done),
        (Backend::Avx2, _, Some(cpu), _) => in_lanes(cpu.kernel(), queue, done),
        (Backend::ShaNi, _, _, Some(cpu)) => in_lanes(cpu.kernel(), queue, done),
        _ => alone(queue.into_iter(), done),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn hash<R: Read>(_: Backend, queue: Vec<(usize, Input<R>)>, done: impl FnMut(usize, Outcome)) {
    alone(queue.into_iter(), done);
}

/// Hashes one input after another, without lanes.
fn alone<R: Read>(queue: impl Iterator<Item = (usize, Input<R>)>, mut done: impl FnMut(usize, Outcome)) {
    let mut buffer = vec![0; BUFFER];
    for (index, Input { mut source, .. }) in queue {
        let mut context = Context::new(&SHA256);
        let mut length = 0;
        let outcome = loop {
            match fill(&mut source, &mut buffer) {
                Err(error) => break Err(error),
                Ok(0) => {
                    let mut digest = [0; 32];
                    digest.copy_from_slice(context.finish().as_ref());
                    break Ok((length, digest));
                }
                Ok(count) => {
                    context.update(buffer.get(..count).unwrap_or_default());
                    length += count as u64;
                }
            }
        };
        done(index, outcome);
    }
}

/// Reads until the buffer is full or the input ends.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
        match source.read(room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The inputs in parallel, except those that are so long that the others' lanes would be idle.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "there are no lanes"))]
fn in_lanes<R: Read, const N: usize>(
    mut kernel: Kernel<impl Step<N>, N>,
    mut queue: Vec<(usize, Input<R>)>,
    mut done: impl FnMut(usize, Outcome),
) {
    let blocks = |(_, input): &(usize, Input<R>)| usize::try_from(input.length).unwrap_or(usize::MAX) / BLOCK + 1;
    let total = queue.iter().map(blocks).fold(0, usize::saturating_add);
    let together = match plan(N, kernel.tenths, total, queue.iter().map(blocks), 0) {
        Some(alone) => queue.split_off(alone.min(queue.len())),
        None => Vec::new(),
    };
    alone(queue.into_iter(), &mut done);
    run(&mut kernel.step, together.into_iter(), done);
}

/// An input in a lane.
struct Lane<R> {
    index: usize,
    source: R,
    buffer: Vec<u8>,
    /// How many bytes of the buffer are complete blocks, and where they start.
    start: usize,
    end: usize,
    length: u64,
    /// Whether the padding is in the buffer.
    is_padded: bool,
}

impl<R: Read> Lane<R> {
    fn new((index, input): (usize, Input<R>)) -> Self {
        let buffer = vec![0; BUFFER + 2 * BLOCK];
        Self { index, source: input.source, buffer, start: 0, end: 0, length: 0, is_padded: false }
    }

    fn waiting(&self) -> usize {
        (self.end - self.start) / BLOCK
    }

    fn block(&self, index: usize) -> Option<&Block> {
        let start = self.start + index * BLOCK;
        self.buffer.get(start..)?.first_chunk()
    }

    /// Reads more, and adds the padding after the last byte.
    fn read_on(&mut self) -> io::Result<()> {
        let Self { buffer, source, .. } = self;
        let count = fill(source, buffer.get_mut(..BUFFER).unwrap_or_default())?;
        self.length += count as u64;
        (self.start, self.end) = (0, count);
        if count < BUFFER {
            let padded = (count + 8) / BLOCK * BLOCK + BLOCK;
            if let Some(padding) = buffer.get_mut(count..padded) {
                padding.fill(0);
                if let Some(first) = padding.first_mut() {
                    *first = 0x80;
                }
                if let Some(length) = padding.last_chunk_mut() {
                    *length = (self.length * 8).to_be_bytes();
                }
            }
            (self.end, self.is_padded) = (padded, true);
        }
        Ok(())
    }
}

/// Steps until all inputs have ended.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "there are no lanes"))]
fn run<S: Step<N>, R: Read, const N: usize>(
    step: &mut S,
    queue: impl Iterator<Item = (usize, Input<R>)>,
    mut done: impl FnMut(usize, Outcome),
) {
    let mut queue = queue.map(Lane::new);
    let mut lanes: [Option<Lane<R>>; N] = std::array::from_fn(|_| None);
    let mut digests = [[0; 32]; N];
    loop {
        let mut fresh = 0;
        for (bit, (place, digest)) in lanes.iter_mut().zip(&digests).enumerate() {
            if let Some(ended) = place.take_if(|lane| lane.is_padded && lane.waiting() == 0) {
                done(ended.index, Ok((ended.length, *digest)));
            }
            loop {
                if place.is_none() {
                    *place = queue.next();
                    fresh |= 1 << bit;
                }
                let Some(lane) = place.as_mut().filter(|lane| lane.waiting() == 0) else { break };
                let Err(error) = lane.read_on() else { break };
                done(lane.index, Err(error));
                *place = None;
            }
        }
        let Some(steps) = lanes.iter().flatten().map(Lane::waiting).min() else { return };
        for index in 0..steps {
            // The result of an idle lane is ignored.
            let blocks =
                lanes.each_ref().map(|lane| lane.as_ref().and_then(|lane| lane.block(index)).unwrap_or(&[0; BLOCK]));
            step(&blocks, fresh, &mut digests);
            fresh = 0;
        }
        lanes.iter_mut().flatten().for_each(|lane| lane.start += steps * BLOCK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a few bytes at a time, and fails after a given number.
    struct Slow {
        left: usize,
        fails: bool,
    }

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.left == 0 && self.fails {
                return Err(io::Error::other("broken"));
            }
            let count = buffer.len().min(self.left).min(4099);
            buffer[..count].fill(7);
            self.left -= count;
            Ok(count)
        }
    }

    fn check(backend: Backend, lengths: &[usize]) {
        let inputs = lengths.iter().map(|length| Input {
            source: Slow { left: *length, fails: length % 10 == 9 },
            // The actual length may differ from the expected one.
            length: *length as u64 / 2,
        });
        let found = of_each(backend, inputs.collect());
        assert_eq!(found.len(), lengths.len());
        for (length, found) in lengths.iter().zip(found) {
            let expected = Hash::of(&vec![7; *length]);
            match found {
                Ok(found) => assert_eq!(found, (*length as u64, *expected.as_bytes()), "{backend:?} {length}"),
                Err(error) => {
                    assert!(length % 10 == 9 && error.to_string() == "broken", "{backend:?} {length}: {error}");
                }
            }
        }
    }

    #[test]
    fn each_input_has_its_digest_whatever_their_lengths_and_failures() {
        let around: Vec<usize> = [0, 55, 64, BUFFER, 2 * BUFFER, 5 * BUFFER]
            .iter()
            .flat_map(|length| (0..11).map(move |more| length + more).chain([length.saturating_sub(1)]))
            .collect();
        let equal = vec![3 * BUFFER + 100; 40];
        let unequal: Vec<usize> = (0..40).map(|index| index * index * 977).collect();
        for backend in [Backend::Scalar, Backend::ShaNi, Backend::Avx2, Backend::Avx512] {
            for lengths in [&around[..], &equal, &unequal, &[], &[BUFFER], &[40 * BUFFER, 3, 3, BUFFER]] {
                check(backend, lengths);
            }
        }
    }
}
