//! Lists in pages. A token holds the position after the last item of a page, so that items added or
//! removed between two pages shift nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::ServiceError;
use super::limits;

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// The maximum number of items, 1 to 100; 100 if not given.
    pub max_results: Option<u32>,
    /// The token of the previous page; `None` for the first page.
    pub next_token: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The token for the next page; `None` if this is the last.
    pub next_token: Option<String>,
}

impl PageRequest {
    /// How many items the page may hold.
    pub(super) fn size(&self) -> Result<usize, ServiceError> {
        let size = self.max_results.unwrap_or(limits::PAGE);
        if !(1..=limits::PAGE).contains(&size) {
            let message = format!("MaxResults must be between 1 and {}, not {size}", limits::PAGE);
            return Err(ServiceError::invalid("MaxResults", message));
        }
        Ok(usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// The position after which the page begins. `list` distinguishes tokens of different lists.
    pub(super) fn place<T>(&self, list: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ServiceError> {
        let Some(token) = &self.next_token else { return Ok(None) };
        let found = decoded(token).and_then(|text| text.strip_prefix(list)?.strip_prefix(':').and_then(read));
        found
            .map(Some)
            .ok_or_else(|| ServiceError::invalid("NextToken", "NextToken is not a token that this list has given"))
    }
}

fn decoded(token: &str) -> Option<String> {
    (token.len() <= limits::TOKEN)
        .then(|| STANDARD.decode(token).ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok())
}

impl<T> Page<T> {
    /// Makes a page from items that were fetched with one extra, which shows whether there is a next page.
    pub(super) fn cut(mut items: Vec<T>, size: usize, list: &str, place: impl FnOnce(&T) -> String) -> Self {
        let is_last = items.len() <= size;
        items.truncate(size);
        let next_token =
            items.last().filter(|_| !is_last).map(|item| STANDARD.encode(format!("{list}:{}", place(item))));
        Self { items, next_token }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(token: Option<String>) -> PageRequest {
        PageRequest { max_results: None, next_token: token }
    }

    #[test]
    fn a_token_leads_back_to_its_place() {
        let page = Page::cut(vec!["a", "b", "c"], 2, "ledgers", |item| (*item).to_owned());
        assert_eq!(page.items, ["a", "b"]);
        let token = page.next_token.unwrap();
        assert!((4..=1024).contains(&token.len()));
        let place = after(Some(token.clone())).place("ledgers", |text| Some(text.to_owned())).unwrap();
        assert_eq!(place.as_deref(), Some("b"));
        assert!(after(Some(token)).place("exports", |text| Some(text.to_owned())).is_err());
    }

    #[test]
    fn the_last_page_has_no_token() {
        assert!(Page::cut(vec![1, 2], 2, "x", ToString::to_string).next_token.is_none());
        assert!(Page::cut(Vec::<u8>::new(), 2, "x", ToString::to_string).next_token.is_none());
    }

    #[test]
    fn sizes_out_of_bounds_and_foreign_tokens_are_invalid() {
        for size in [0, 101] {
            assert!(PageRequest { max_results: Some(size), next_token: None }.size().is_err());
        }
        for token in ["AAAA", "!", "", &"A".repeat(2000)] {
            assert!(after(Some(token.to_owned())).place("x", |_| Some(())).is_err(), "{token:?} was accepted");
        }
    }
}
