//! The causes of an error.

use std::error::Error;
use std::io;

/// An error and all of its causes, including the one inside an [`io::Error`].
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// An error with its causes, each unless it is named already.
pub fn described(error: &(dyn Error + 'static)) -> String {
    with_causes(error.to_string(), error)
}

/// A text for an error, followed by the texts of those causes that it does not contain.
pub fn with_causes(text: String, error: &(dyn Error + 'static)) -> String {
    let causes = causes(error).skip(1).map(ToString::to_string);
    causes.fold(text, |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}
