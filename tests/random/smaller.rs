//! A smaller scenario that still does what a large one does: sections, lines and names are left out one by one, as long as
//! it does. It works on the text, so that it serves any scenario.

/// Tries, at most.
const TRIES: usize = 600;

/// The smallest scenario found that still `fails`. What is no longer a scenario must not fail.
#[must_use]
pub fn smaller(text: &str, mut fails: impl FnMut(&str) -> bool) -> String {
    let mut best = text.to_owned();
    let mut tries = 0;
    loop {
        let before = best.len();
        for ways in [without_sections, without_lines, without_names] {
            let mut n = 0;
            // What was left out has made room: the next one has this number now.
            while let Some(candidate) = ways(&best, n) {
                if tries >= TRIES {
                    return best;
                }
                tries += 1;
                if candidate.len() < best.len() && fails(&candidate) {
                    best = candidate;
                } else {
                    n += 1;
                }
            }
        }
        if best.len() == before {
            return best;
        }
    }
}

/// Without the nth section from the end: faults come last, and name what stands before them.
fn without_sections(text: &str, n: usize) -> Option<String> {
    let mut sections: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with("[[") || sections.is_empty() {
            sections.push(String::new());
        }
        let section = sections.last_mut()?;
        section.push_str(line);
        section.push('\n');
    }
    // The first is no section, but what stands before all of them.
    let place = sections.len().checked_sub(n + 1).filter(|place| *place > 0)?;
    sections.remove(place);
    Some(sections.concat())
}

/// Without the nth line.
fn without_lines(text: &str, n: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(n)?;
    let kept = lines.iter().enumerate().filter(|(place, _)| *place != n);
    Some(kept.map(|(_, line)| format!("{line}\n")).collect())
}

/// Without the nth element of a list.
fn without_names(text: &str, n: usize) -> Option<String> {
    let (place, _) = text.match_indices(", ").nth(n)?;
    let rest = &text[place + 2..];
    let length = rest.find([',', ']', '}', '\n'])?;
    Some(format!("{}{}", &text[..place], rest[length..].trim_start_matches(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_which_it_does_not_fail_are_kept() {
        let text = "title = \"x\"\nseed = 3\n[[a]]\nname = \"1\"\n[[b]]\nname = \"2\"\nlist = [\"x\", \"y\", \"z\"]\nmore = 4\n[[c]]\nname = \"3\"\n";
        let fails = |text: &str| text.contains("[[b]]") && text.contains("list = [\"x\"") && text.contains('z');
        assert_eq!(smaller(text, fails), "[[b]]\nlist = [\"x\", \"z\"]\n");
    }

    #[test]
    fn a_scenario_that_cannot_be_smaller_stays_as_it_is() {
        let text = "[[a]]\nname = \"1\"\n";
        assert_eq!(smaller(text, |candidate| candidate == text), text);
    }
}
