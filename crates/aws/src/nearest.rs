//! Finds the names most similar to a mistyped one.

/// The maximum number of suggestions.
const MOST: usize = 3;

/// The names that may have been meant, nearest first; empty if none is similar.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> =
        names.into_iter().map(|name| (distance(typed, name), name)).filter(|(far, _)| *far <= bound(typed)).collect();
    near.sort_unstable();
    near.dedup();
    // A name that differs in two or more letters more than the nearest was not meant.
    let best = near.first().map_or(0, |(far, _)| *far);
    near.into_iter().take_while(|(far, _)| *far <= best + 1).take(MOST).map(|(_, name)| name).collect()
}

/// In how many letters two names differ, ignoring case; swapped letters count as one difference.
pub(crate) fn distance(typed: &str, name: &str) -> usize {
    strsim::osa_distance(&typed.to_lowercase(), &name.to_lowercase())
}

/// Short names may differ in a letter or two and mean something else.
fn bound(typed: &str) -> usize {
    match typed.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_names_are_suggested() {
        let names = ["vehicle-registration", "vehicles", "orders"];
        assert_eq!(nearest("vehicle-registraton", names), ["vehicle-registration"]);
        assert_eq!(nearest("VEHICLES", names), ["vehicles"]);
        assert_eq!(nearest("ordres", names), ["orders"]);
        assert_eq!(nearest("invoices", names), [""; 0]);
    }
}
