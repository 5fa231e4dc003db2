//! Field names in Ion text: one that occurred before is recognised by its bytes.

use super::{TextReader, Word, word};
use crate::ion::IonError;
use crate::ion::cursor::{Grammar, is_identifier_start};

impl TextReader<'_> {
    #[inline]
    pub(super) fn field_name(&mut self) -> Result<(), IonError> {
        let rest = self.cursor.rest();
        self.met = self.names.at(rest);
        let Some((index, name)) = self.met.zip(self.names.get(self.met)) else { return self.other_field_name() };
        self.cursor.at += name.length();
        self.names.follow(index);
        self.after_colon()
    }

    /// Reads a name whose bytes were not recognised.
    fn other_field_name(&mut self) -> Result<(), IonError> {
        let start = self.cursor.at;
        self.met = None;
        match self.cursor.peek() {
            Some(b'"') => self.cursor.quoted(b'"', self.field.text())?,
            _ if self.cursor.grammar == Grammar::Json => return Err(self.cursor.unexpected("a name in double quotes")),
            Some(b'\'') if self.cursor.looks_at_whole(b"'''")? => self.cursor.long_string(self.field.text())?,
            Some(b'\'') => self.cursor.quoted(b'\'', self.field.text())?,
            Some(byte) if is_identifier_start(byte) => {
                if let Word::Keyword(keyword) = word(&mut self.cursor, &self.symbols, &mut self.field)? {
                    return Err(IonError::new(start, format!("{keyword} must be quoted as a field name")));
                }
            }
            _ => return Err(self.cursor.unexpected("a field name")),
        }
        let end = self.cursor.at;
        self.cursor.skip_blank()?;
        if !self.cursor.eat(b':') {
            return Err(self.cursor.unexpected("a colon after the field name"));
        }
        if self.cursor.at == end + 1 {
            self.met = self.remember(start);
        }
        self.after_colon()
    }

    /// Keeps the name between here and the colon that was passed, so that its bytes are recognised next time: that
    /// works unless the name is an id, which depends on the symbol table, or was assembled from pieces.
    fn remember(&mut self, start: usize) -> Option<usize> {
        let source = self.cursor.from(start);
        let length = self.cursor.at - start;
        let is_its_own = !self.field.is_unknown && !self.field.text.is_made() && source.first() != Some(&b'$');
        if !is_its_own {
            return None;
        }
        self.names.met(source, length, self.field.text.get())
    }

    #[inline]
    fn after_colon(&mut self) -> Result<(), IonError> {
        if self.cursor.peek() == Some(b':') {
            return Err(self.cursor.unexpected("a value after the field name"));
        }
        self.cursor.skip_blank()
    }
}
