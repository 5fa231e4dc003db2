//! Who hashes what, and when: the lanes of a kernel are kept full, whatever
//! the lengths of the messages.

use super::batch::{Message, Messages};
use super::{BLOCK, Block, Digest, scalar};

/// `N` compressions side by side, and what they cost.
pub(super) struct Kernel<S, const N: usize> {
    /// Compresses one block a lane. The lanes whose bits are set begin a new
    /// message; the digests are those of messages that end with this block.
    pub(super) step: S,
    /// What a step costs, in tenths of a compression of the scalar engine.
    pub(super) tenths: usize,
}

/// Hashes all messages.
pub(super) fn hash<S, const N: usize>(mut kernel: Kernel<S, N>, messages: &mut Messages, out: &mut [Digest])
where
    S: FnMut(&[&Block; N], u32, &mut [Digest; N]),
{
    messages.sort_long();
    let Some(alone) = plan::<N>(kernel.tenths, messages) else { return messages.hash_one_by_one(out) };
    let (alone, together) = messages.long().split_at(alone);
    for message in alone.iter().filter_map(|&index| messages.get(index)) {
        if let (Some(place), Some(blocks)) =
            (out.get_mut(message.index), messages.blocks().get(message.start..message.end))
        {
            *place = scalar::hash(blocks);
        }
    }
    run(&mut kernel.step, messages, Queue { messages, long: together.iter(), next: 0, start: 0 }, out);
}

/// How many of the long messages, from the longest, are better hashed by the
/// scalar engine than waited for by all lanes; none if all messages are.
fn plan<const N: usize>(tenths: usize, messages: &Messages) -> Option<usize> {
    let total = messages.total();
    // In a large batch the lanes are full, and how long the short ones are makes no difference.
    let longest_short = if messages.len() < 4 * N {
        let all = (0..messages.len()).filter_map(|index| messages.get(index));
        all.filter(|message| !message.is_long()).map(Message::blocks).max().unwrap_or(0)
    } else {
        1
    };
    let long: Vec<usize> =
        messages.long().iter().filter_map(|&index| messages.get(index)).map(Message::blocks).collect();
    let mut alone = 0;
    let mut best = (usize::MAX, 0);
    for count in 0..=long.len() {
        let longest = long.get(count).copied().unwrap_or(longest_short);
        let steps = (total - alone).div_ceil(N).max(longest);
        best = best.min((alone * 10 + steps * tenths, count));
        alone += longest;
    }
    (total * 10 > best.0).then_some(best.1)
}

/// Steps until the queue is empty and all lanes are done.
fn run<S, const N: usize>(step: &mut S, messages: &Messages, mut queue: Queue<'_>, out: &mut [Digest])
where
    S: FnMut(&[&Block; N], u32, &mut [Digest; N]),
{
    let blocks = messages.blocks();
    let mut lanes = [Message { index: usize::MAX, start: 0, end: 0 }; N];
    let mut digests = [[0; 32]; N];
    loop {
        let mut fresh = 0;
        let mut busy = 0;
        for (bit, lane) in lanes.iter_mut().enumerate() {
            if lane.start == lane.end
                && let Some(message) = queue.next()
            {
                *lane = message;
                fresh |= 1 << bit;
            }
            busy += usize::from(lane.start != lane.end);
        }
        if busy == 0 {
            return;
        }
        // An idle lane stands behind its last message: whatever it compresses is not looked at.
        let inputs = lanes.each_ref().map(|lane| blocks.get(lane.start).unwrap_or(&[0; BLOCK]));
        step(&inputs, fresh, &mut digests);
        for (lane, digest) in lanes.iter_mut().zip(&digests) {
            if lane.start == lane.end {
                continue;
            }
            lane.start += 1;
            if lane.start == lane.end
                && let Some(place) = out.get_mut(lane.index)
            {
                *place = *digest;
            }
        }
    }
}

/// The messages in the order in which lanes take them: the long ones first,
/// so that the end of the batch is short.
struct Queue<'a> {
    messages: &'a Messages,
    long: std::slice::Iter<'a, usize>,
    next: usize,
    /// Where the next short message starts.
    start: usize,
}

impl Queue<'_> {
    #[inline]
    fn next(&mut self) -> Option<Message> {
        if let Some(&index) = self.long.next() {
            return self.messages.get(index);
        }
        loop {
            let message = Message { index: self.next, start: self.start, end: self.messages.end_of(self.next)? };
            self.next += 1;
            self.start = message.end;
            if !message.is_long() {
                return Some(message);
            }
        }
    }
}
