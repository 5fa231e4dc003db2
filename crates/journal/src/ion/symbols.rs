//! Symbol tables: the system's, and the local ones that a stream declares.

use std::sync::Arc;

use super::{Container, Event, IonError, Item, Reader, Scalar};

/// The system symbols, from `$1` on.
const SYSTEM: [&str; 9] = [
    "$ion",
    "$ion_1_0",
    "$ion_symbol_table",
    "name",
    "version",
    "imports",
    "symbols",
    "max_id",
    "$ion_shared_symbol_table",
];

/// The annotation that makes a struct a local symbol table.
pub(crate) const LOCAL_TABLE: &str = "$ion_symbol_table";
/// More symbols than this in one table are refused: a few bytes of import could ask for any number.
const MOST_SYMBOLS: usize = 4_000_000;

/// The id of a system symbol.
pub(crate) fn system_id(text: &str) -> Option<usize> {
    SYSTEM.iter().position(|symbol| *symbol == text).map(|index| index + 1)
}

/// The symbols of a stream at some place, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolTable {
    texts: Vec<Option<Arc<str>>>,
}

impl Default for SymbolTable {
    fn default() -> Self {
        Self { texts: std::iter::once(None).chain(SYSTEM.map(|text| Some(text.into()))).collect() }
    }
}

impl SymbolTable {
    /// The text of a symbol id: none if the id is not in the table, `Some(None)` if its text is unknown.
    pub fn resolve(&self, id: usize) -> Option<Option<&str>> {
        self.texts.get(id).map(Option::as_deref)
    }

    /// Whether nothing was added to the system symbols.
    pub fn is_system(&self) -> bool {
        self.texts.len() == SYSTEM.len() + 1
    }

    /// The symbols beyond the system's.
    pub(crate) fn local(&self) -> impl Iterator<Item = Option<&str>> {
        self.texts.iter().skip(SYSTEM.len() + 1).map(Option::as_deref)
    }

    /// Adds a symbol and gives its id.
    pub(crate) fn push(&mut self, text: Option<&str>) -> usize {
        self.texts.push(text.map(Arc::from));
        self.texts.len() - 1
    }

    /// The table that holds after a local symbol table: `reader` stands before
    /// that struct, `self` is the table before it.
    pub(crate) fn updated(&self, reader: &mut Reader<'_>) -> Result<Self, IonError> {
        let declared = Declared::read(reader)?;
        let mut table = if declared.appends { self.clone() } else { Self::default() };
        if table.texts.len() + declared.unknown + declared.symbols.len() > MOST_SYMBOLS {
            return Err(IonError::new(0, format!("a symbol table has more than {MOST_SYMBOLS} symbols")));
        }
        table.texts.resize(table.texts.len() + declared.unknown, None);
        table.texts.extend(declared.symbols);
        Ok(table)
    }
}

/// What a local symbol table declares.
#[derive(Default)]
struct Declared {
    appends: bool,
    unknown: usize,
    symbols: Vec<Option<Arc<str>>>,
}

impl Declared {
    fn read(reader: &mut Reader<'_>) -> Result<Self, IonError> {
        let mut declared = Self::default();
        let mut path: Vec<Option<Part>> = Vec::new();
        while let Some(item) = reader.next_item()? {
            declared.take(&path, &item);
            match item.event {
                Event::Begin(_) => path.push(Part::of(&item)),
                Event::End => drop(path.pop()),
                Event::Scalar(_) => {}
            }
            if path.is_empty() {
                break;
            }
        }
        Ok(declared)
    }

    fn take(&mut self, path: &[Option<Part>], item: &Item<'_>) {
        let field = item.field.flatten();
        match (path, &item.event) {
            ([_], Event::Scalar(Scalar::Symbol(Some(LOCAL_TABLE)))) if field == Some("imports") => self.appends = true,
            ([_, Some(Part::Symbols)], Event::Scalar(Scalar::String(text))) => self.symbols.push(Some((*text).into())),
            ([_, Some(Part::Symbols)], Event::Scalar(_) | Event::Begin(_)) => self.symbols.push(None),
            ([_, Some(Part::Imports), _], Event::Scalar(Scalar::Int(id))) if field == Some("max_id") => {
                let reserved = id.as_u64().and_then(|id| usize::try_from(id).ok()).unwrap_or(usize::MAX);
                self.unknown = self.unknown.saturating_add(reserved).min(MOST_SYMBOLS + 1);
            }
            _ => {}
        }
    }
}

/// The lists of a local symbol table that matter.
enum Part {
    Imports,
    Symbols,
}

impl Part {
    fn of(item: &Item<'_>) -> Option<Self> {
        match (item.field.flatten(), &item.event) {
            (Some("imports"), Event::Begin(Container::List)) => Some(Self::Imports),
            (Some("symbols"), Event::Begin(Container::List)) => Some(Self::Symbols),
            _ => None,
        }
    }
}
