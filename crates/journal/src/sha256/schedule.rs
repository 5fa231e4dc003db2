//! Assigns messages to lanes: the lanes of a kernel are kept busy, whatever the lengths of the
//! messages.

use super::messages::{Message, Messages, Short};
use super::{BLOCK, Block, Digest};

/// `N` parallel compressions, and their cost.
pub(super) struct Kernel<S, const N: usize> {
    /// Compresses one block in each lane. The lanes whose bits are set begin a new message; the digests are those of
    /// messages that end with this block.
    pub(super) step: S,
    /// The cost of a step, in tenths of a compression by the scalar backend.
    pub(super) tenths: usize,
}

/// A step of `N` lanes.
pub(super) trait Step<const N: usize>: FnMut(&[&Block; N], u32, &mut [Digest; N]) {}

impl<S: FnMut(&[&Block; N], u32, &mut [Digest; N]), const N: usize> Step<N> for S {}

/// Hashes all messages.
pub(super) fn hash<const N: usize>(mut kernel: Kernel<impl Step<N>, N>, messages: &mut Messages, out: &mut [Digest]) {
    messages.sort_long();
    let longest_short = messages.short().next().map_or(0, Message::blocks);
    let long = messages.long().iter().map(|message| message.blocks());
    let Some(alone) = plan(N, kernel.tenths, messages.total(), long, longest_short) else {
        return messages.hash_one_by_one(out);
    };
    let (alone, together) = messages.long().split_at(alone);
    for &message in alone {
        messages.hash_one(message, out);
    }
    let blocks = messages.blocks();
    if !together.is_empty() {
        // Besides long messages, equal lengths follow one another, so that lanes begin and end together and the CPU can
        // predict which are done: in the order of the batch, mispredictions took a third more time.
        return run(&mut kernel.step, blocks, together.iter().copied().chain(messages.short()), out);
    }
    for (count, class) in messages.classes() {
        for group in class.as_chunks().0 {
            run_group(&mut kernel.step, blocks, group, count, out);
        }
    }
    let rest = messages
        .classes()
        .flat_map(|(count, class)| class.as_chunks::<N>().1.iter().map(move |short| short.message(count)));
    run(&mut kernel.step, blocks, rest, out);
}

/// As many messages as there are lanes, of equal length.
#[inline]
fn run_group<const N: usize>(
    step: &mut impl Step<N>,
    blocks: &[Block],
    group: &[Short; N],
    count: usize,
    out: &mut [Digest],
) {
    let mut digests = [[0; 32]; N];
    let mut fresh = u32::MAX;
    for block in 0..count {
        let inputs = group.each_ref().map(|short| blocks.get(short.start() + block).unwrap_or(&[0; BLOCK]));
        step(&inputs, fresh, &mut digests);
        fresh = 0;
    }
    for (short, digest) in group.iter().zip(&digests) {
        if let Some(place) = out.get_mut(short.index()) {
            *place = *digest;
        }
    }
}

/// How many of the long messages, beginning with the longest, should be hashed by the scalar backend instead of keeping
/// all lanes waiting; `None` if that holds for all messages. `long` are their block counts, longest first, out of
/// `total` in all messages.
pub(super) fn plan(
    lanes: usize,
    tenths: usize,
    total: usize,
    long: impl Iterator<Item = usize>,
    longest_short: usize,
) -> Option<usize> {
    let mut alone: usize = 0;
    let mut best = (usize::MAX, 0);
    for (count, longest) in long.chain([longest_short]).enumerate() {
        let steps = total.saturating_sub(alone).div_ceil(lanes).max(longest);
        best = best.min((alone.saturating_mul(10).saturating_add(steps.saturating_mul(tenths)), count));
        alone = alone.saturating_add(longest);
    }
    (total.saturating_mul(10) > best.0).then_some(best.1)
}

/// Steps until the queue is empty and all lanes are done.
fn run<S, const N: usize>(step: &mut S, blocks: &[Block], mut queue: impl Iterator<Item = Message>, out: &mut [Digest])
where
    S: FnMut(&[&Block; N], u32, &mut [Digest; N]),
{
    let mut digests = [[0; 32]; N];
    let mut lanes: [Message; N] = std::array::from_fn(|_| queue.next().unwrap_or(Message::NONE));
    let mut busy = lanes.iter().filter(|lane| lane.blocks() > 0).count();
    let mut fresh = u32::MAX;
    while busy > 0 {
        // The result of an idle lane is ignored.
        let inputs = lanes.each_ref().map(|lane| blocks.get(lane.start).unwrap_or(&[0; BLOCK]));
        step(&inputs, fresh, &mut digests);
        fresh = 0;
        for (bit, (lane, digest)) in lanes.iter_mut().zip(&digests).enumerate() {
            lane.start += 1;
            if lane.start == lane.end {
                if let Some(place) = out.get_mut(lane.index) {
                    *place = *digest;
                }
                fresh |= 1 << bit;
                *lane = queue.next().unwrap_or_else(|| {
                    busy -= 1;
                    Message::NONE
                });
            }
        }
    }
}
