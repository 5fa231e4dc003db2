//! The rounds of SHA-256, written once for every width: as macros over operations that are defined
//! where they are used, because a generic function could not carry the required CPU features.

/// The state before the first block.
pub(super) const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The constants of the 64 rounds, in groups of sixteen.
pub(super) const ROUND: [[u32; 16]; 4] = [
    [
        0x428a_2f98,
        0x7137_4491,
        0xb5c0_fbcf,
        0xe9b5_dba5,
        0x3956_c25b,
        0x59f1_11f1,
        0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98,
        0x1283_5b01,
        0x2431_85be,
        0x550c_7dc3,
        0x72be_5d74,
        0x80de_b1fe,
        0x9bdc_06a7,
        0xc19b_f174,
    ],
    [
        0xe49b_69c1,
        0xefbe_4786,
        0x0fc1_9dc6,
        0x240c_a1cc,
        0x2de9_2c6f,
        0x4a74_84aa,
        0x5cb0_a9dc,
        0x76f9_88da,
        0x983e_5152,
        0xa831_c66d,
        0xb003_27c8,
        0xbf59_7fc7,
        0xc6e0_0bf3,
        0xd5a7_9147,
        0x06ca_6351,
        0x1429_2967,
    ],
    [
        0x27b7_0a85,
        0x2e1b_2138,
        0x4d2c_6dfc,
        0x5338_0d13,
        0x650a_7354,
        0x766a_0abb,
        0x81c2_c92e,
        0x9272_2c85,
        0xa2bf_e8a1,
        0xa81a_664b,
        0xc24b_8b70,
        0xc76c_51a3,
        0xd192_e819,
        0xd699_0624,
        0xf40e_3585,
        0x106a_a070,
    ],
    [
        0x19a4_c116,
        0x1e37_6c08,
        0x2748_774c,
        0x34b0_bcb5,
        0x391c_0cb3,
        0x4ed8_aa4a,
        0x5b9c_ca4f,
        0x682e_6ff3,
        0x748f_82ee,
        0x78a5_636f,
        0x84c8_7814,
        0x8cc7_0208,
        0x90be_fffa,
        0xa450_6ceb,
        0xbef9_a3f7,
        0xc671_78f2,
    ],
];

/// Compresses one block in each lane: `$words` are the 16 words of the blocks, `$state` the eight of the states, each
/// word a vector of all lanes.
///
/// The calling module defines `splat`, `add`, `choose`, `majority`, and the sigmas of the standard.
macro_rules! compress_lanes {
    ($state:ident, $words:ident) => {
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = $state;
        let [first, others @ ..] = $crate::sha256::rounds::ROUND;
        sixteen_rounds!($words, first, [a, b, c, d, e, f, g, h]);
        for constants in others {
            next_words!($words);
            sixteen_rounds!($words, constants, [a, b, c, d, e, f, g, h]);
        }
        for (word, result) in $state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = add(*word, result);
        }
    };
}

macro_rules! sixteen_rounds {
    ($words:ident, $constants:ident, $letters:tt) => {
        eight_rounds!($words, $constants, [0, 1, 2, 3, 4, 5, 6, 7], $letters);
        eight_rounds!($words, $constants, [8, 9, 10, 11, 12, 13, 14, 15], $letters);
    };
}

/// Eight rounds, after which each letter is back in its position.
macro_rules! eight_rounds {
    (
        $words:ident, $constants:ident, [$i0:tt, $i1:tt, $i2:tt, $i3:tt, $i4:tt, $i5:tt, $i6:tt, $i7:tt],
        [$a:ident, $b:ident, $c:ident, $d:ident, $e:ident, $f:ident, $g:ident, $h:ident]
    ) => {
        one_round!($words, $constants, $i0, $a, $b, $c, $d, $e, $f, $g, $h);
        one_round!($words, $constants, $i1, $h, $a, $b, $c, $d, $e, $f, $g);
        one_round!($words, $constants, $i2, $g, $h, $a, $b, $c, $d, $e, $f);
        one_round!($words, $constants, $i3, $f, $g, $h, $a, $b, $c, $d, $e);
        one_round!($words, $constants, $i4, $e, $f, $g, $h, $a, $b, $c, $d);
        one_round!($words, $constants, $i5, $d, $e, $f, $g, $h, $a, $b, $c);
        one_round!($words, $constants, $i6, $c, $d, $e, $f, $g, $h, $a, $b);
        one_round!($words, $constants, $i7, $b, $c, $d, $e, $f, $g, $h, $a);
    };
}

/// One round in place: instead of moving the values to the next letter, as in the standard, the letters are renamed.
macro_rules! one_round {
    (
        $words:ident, $constants:ident, $i:tt,
        $a:ident, $b:ident, $c:ident, $d:ident, $e:ident, $f:ident, $g:ident, $h:ident
    ) => {
        // The value with the longest latency, the sigma of the last round's result, is added last.
        let ready = add(add($h, add($words[$i], splat($constants[$i]))), choose($e, $f, $g));
        let first = add(ready, big_sigma1($e));
        $d = add($d, first);
        $h = add(first, add(big_sigma0($a), majority($a, $b, $c)));
    };
}

/// The next sixteen words of the message schedule, replacing the last sixteen.
macro_rules! next_words {
    ($words:ident) => {
        next_words!($words, [
            (0, 1, 9, 14), (1, 2, 10, 15), (2, 3, 11, 0), (3, 4, 12, 1),
            (4, 5, 13, 2), (5, 6, 14, 3), (6, 7, 15, 4), (7, 8, 0, 5),
            (8, 9, 1, 6), (9, 10, 2, 7), (10, 11, 3, 8), (11, 12, 4, 9),
            (12, 13, 5, 10), (13, 14, 6, 11), (14, 15, 7, 12), (15, 0, 8, 13)
        ]);
    };
    ($words:ident, [$(($i:tt, $fifteen:tt, $seven:tt, $two:tt)),*]) => {
        $($words[$i] = add(
            add($words[$i], small_sigma0($words[$fifteen])),
            add($words[$seven], small_sigma1($words[$two])),
        );)*
    };
}
