//! Which implementation hashes: what this CPU can run, and which is fastest.

use std::sync::OnceLock;

/// The variable that forces a backend; for tests.
const FORCED: &str = "QLDB_EXPORT_SHA256";

/// A way to hash a batch of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// One message after another with aws-lc, which uses the CPU's SHA instructions if there are any.
    Scalar,
    /// Four interleaved streams of the SHA instructions of x86-64.
    ShaNi,
    /// Eight lanes of AVX2.
    Avx2,
    /// Sixteen lanes of AVX-512.
    Avx512,
}

impl Backend {
    /// From the fastest to the slowest, as measured: 16 lanes of AVX-512 beat four streams of SHA-NI on every CPU that
    /// has both; 8 lanes of AVX2 beat only a CPU without SHA-NI.
    const BY_SPEED: [Self; 4] = [Self::Avx512, Self::ShaNi, Self::Avx2, Self::Scalar];

    /// The fastest backend that this CPU can run, or the one that the environment variable `QLDB_EXPORT_SHA256` names by
    /// [`Backend::name`], if this CPU can run it. Decided once.
    pub fn best() -> Self {
        static BEST: OnceLock<Backend> = OnceLock::new();
        *BEST.get_or_init(|| {
            let forced = std::env::var(FORCED).ok();
            Self::choose(forced.as_deref())
        })
    }

    /// The backends that this CPU can run, from the fastest to the slowest.
    pub fn available() -> Vec<Self> {
        Self::BY_SPEED.into_iter().filter(|backend| backend.runs_here()).collect()
    }

    /// The name for the environment variable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::ShaNi => "sha-ni",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The named backend if this CPU can run it, otherwise the fastest.
    pub(super) fn choose(name: Option<&str>) -> Self {
        let available = Self::available();
        let named = available.iter().find(|backend| Some(backend.name()) == name);
        named.or(available.first()).copied().unwrap_or(Self::Scalar)
    }

    #[cfg(target_arch = "x86_64")]
    fn runs_here(self) -> bool {
        use super::simd::{Avx2, Avx512, ShaNi};
        match self {
            Self::Scalar => true,
            Self::ShaNi => ShaNi::detect().is_some(),
            Self::Avx2 => Avx2::detect().is_some(),
            Self::Avx512 => Avx512::detect().is_some(),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn runs_here(self) -> bool {
        self == Self::Scalar
    }
}
