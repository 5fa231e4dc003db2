//! What precedes the content of a value of Ion binary: the field's symbol, annotations, type and
//! length.

use super::BinaryReader;
use super::scalars::var_uint;
use crate::ion::symbols::{LOCAL_TABLE, VERSION_1_0};
use crate::ion::{Container, IonError, MOST_ANNOTATIONS};

/// The head of a value: type code, the low half of the descriptor, and where its content is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) code: u8,
    pub(super) low: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

pub(in crate::ion) const NULL: u8 = 0xF;
/// The length follows the descriptor instead of being stored in it.
const SIZED: u8 = 0xE;
const ANNOTATION: u8 = 0xE;
const NOP_OR_NULL: u8 = 0x0;
const STRUCT: u8 = 0xD;
pub(super) const BOOL: u8 = 0x1;
pub(super) const FLOAT: u8 = 0x4;
pub(super) const SYMBOL: u8 = 0x7;

impl Head {
    pub(super) fn is_padding(self) -> bool {
        self.code == NOP_OR_NULL && self.low != NULL
    }

    pub(super) fn container(self) -> Option<Container> {
        match (self.code, self.low) {
            (_, NULL) => None,
            (0xB, _) => Some(Container::List),
            (0xC, _) => Some(Container::Sexp),
            (STRUCT, _) => Some(Container::Struct),
            _ => None,
        }
    }
}

impl BinaryReader<'_> {
    /// The field's symbol and the value's head, after its annotations. The reader stays in front of all of them.
    #[inline]
    pub(super) fn field_and_head(&mut self, limit: usize) -> Result<(Option<usize>, Head), IonError> {
        self.annotations.clear();
        let within = self.input.get(..limit).unwrap_or_default();
        let in_struct = matches!(self.containers.last(), Some((Container::Struct, _)));
        let mut at = self.at;
        let mut field = None;
        if in_struct {
            let (id, after) = var_uint(within, at)?.ok_or_else(|| self.cut())?;
            (field, at) = (Some(id), after);
        }
        let mut head = self.head(within, at)?;
        if head.code == ANNOTATION {
            head = self.annotated(at, head)?;
        }
        if head.is_padding() {
            return Ok((None, head));
        }
        let field = field.map(|id| self.known_field(id)).transpose()?;
        Ok((field, head))
    }

    /// The symbol of a field, which must be in the table.
    #[inline]
    fn known_field(&mut self, id: u64) -> Result<usize, IonError> {
        let met = usize::try_from(id).ok().filter(|id| self.names.of_id(*id).is_some());
        if let Some(id) = met {
            return Ok(id);
        }
        let id = self.known(id, self.at)?;
        if let Some(text) = self.symbols.resolve(id).flatten() {
            self.names.keep_id(id, text);
        }
        Ok(id)
    }

    /// A symbol, which must be in the table.
    fn known(&self, id: u64, at: usize) -> Result<usize, IonError> {
        let id = usize::try_from(id).ok().filter(|id| self.symbols.resolve(*id).is_some());
        id.ok_or_else(|| IonError::new(at, "a symbol is not in the symbol table"))
    }

    /// Reads the head of a value, which must end within the bytes.
    #[inline]
    fn head(&self, within: &[u8], at: usize) -> Result<Head, IonError> {
        let descriptor = *within.get(at).ok_or_else(|| self.cut())?;
        let (code, low) = (descriptor >> 4, descriptor & 0xF);
        let head = if low < SIZED && (code, low) != (STRUCT, 1) && code != BOOL {
            Head { code, low, start: at + 1, end: at + 1 + usize::from(low) }
        } else {
            self.rarer_head(within, at, code, low)?
        };
        if head.end > within.len() || code > ANNOTATION {
            return Err(if code > ANNOTATION {
                IonError::new(at, format!("no Ion value begins with byte 0x{descriptor:02x}"))
            } else {
                self.cut()
            });
        }
        Ok(head)
    }

    fn rarer_head(&self, within: &[u8], at: usize, code: u8, low: u8) -> Result<Head, IonError> {
        if low == NULL || code == BOOL {
            return Ok(Head { code, low, start: at + 1, end: at + 1 });
        }
        if code == FLOAT {
            return Err(IonError::new(at, "a float has 0, 4 or 8 bytes"));
        }
        let (length, start) = var_uint(within, at + 1)?.ok_or_else(|| self.cut())?;
        if length == 0 && low == 1 {
            return Err(IonError::new(at, "a struct with sorted fields is not empty"));
        }
        let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
        let end = end.ok_or_else(|| IonError::new(at, "a length is out of range"))?;
        Ok(Head { code, low, start, end })
    }

    /// Reads the annotations of a wrapper, and returns the head of the value inside.
    fn annotated(&mut self, at: usize, wrapper: Head) -> Result<Head, IonError> {
        let wrong = |reason: &str| IonError::new(at, reason);
        if wrapper.low < 3 || wrapper.low == NULL {
            return Err(wrong("an annotation wrapper has no room for a value"));
        }
        let within = self.input.get(..wrapper.end).unwrap_or_default();
        let (length, mut here) =
            var_uint(within, wrapper.start)?.ok_or_else(|| wrong("annotations have a wrong length"))?;
        let end = usize::try_from(length).ok().and_then(|length| here.checked_add(length));
        let end = end
            .filter(|end| *end < wrapper.end && length > 0)
            .ok_or_else(|| wrong("annotations have a wrong length"))?;
        while here < end {
            let (id, after) = var_uint(within, here)?.ok_or_else(|| wrong("annotations have a wrong length"))?;
            let id = self.known(id, here)?;
            if self.annotations.len() >= MOST_ANNOTATIONS {
                return Err(IonError::new(at, format!("more than {MOST_ANNOTATIONS} annotations on one value")));
            }
            self.annotations.push(self.symbols.resolve(id).flatten().map(str::to_owned));
            here = after;
        }
        let head = if here == end { self.head(within, here).ok() } else { None };
        let whole = head.filter(|head| head.end == wrapper.end && head.code != ANNOTATION && !head.is_padding());
        whole.ok_or_else(|| wrong("an annotation wrapper does not fit its value"))
    }

    /// Whether a top-level value is a local symbol table.
    pub(super) fn is_table(&self, head: Head) -> bool {
        self.containers.is_empty()
            && head.container() == Some(Container::Struct)
            && self.annotations.first().is_some_and(|first| first.as_deref() == Some(LOCAL_TABLE))
    }

    /// Whether a top-level value is the symbol that serves as the version marker in Ion text.
    pub(super) fn says_nothing(&self, head: Head) -> bool {
        let bytes = self.input.get(head.start..head.end).unwrap_or_default();
        head.code == SYMBOL
            && head.low != NULL
            && self.containers.is_empty()
            && self.annotations.is_empty()
            && self.symbol(bytes).is_some_and(|id| self.symbols.resolve(id).flatten() == Some(VERSION_1_0))
    }
}
