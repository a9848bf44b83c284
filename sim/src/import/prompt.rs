//! Prompts of shells, as they stand before a command in what was copied from a terminal. It knows nothing of commands.

/// The signs with which a prompt ends.
const SIGNS: [char; 9] = ['$', '#', '%', '>', '❯', '➜', '»', 'λ', '✗'];

/// Bytes of a line in which a prompt can end.
const LONGEST: usize = 160;

/// The byte behind the prompt with which a line begins, and behind the blanks after it; nothing where it begins with none.
pub(super) fn end(line: &str) -> Option<usize> {
    let end = line.char_indices().take_while(|(at, _)| *at < LONGEST).find_map(|(at, sign)| {
        let behind = &line[at + sign.len_utf8()..];
        let is_one = SIGNS.contains(&sign) && is_prompt(line[..at].trim(), sign, behind);
        is_one.then_some(at + sign.len_utf8())
    });
    let end = end.or_else(|| is_of_git_bash(line).then_some(line.len()))?;
    Some(end + line[end..].len() - line[end..].trim_start().len())
}

/// Whether a sign with these words before it ends a prompt.
fn is_prompt(words: &str, sign: char, behind: &str) -> bool {
    let words = without_environment(words);
    let is_alone = behind.is_empty() || behind.starts_with(char::is_whitespace);
    let is_windows = sign == '>' && is_of_windows(words);
    // These need no blank behind them: nothing else ends so.
    let is_bracketed = words.starts_with('[') && words.ends_with(']') && words.len() > 2 && !words.contains(['"', ',']);
    if is_windows || (is_bracketed && matches!(sign, '$' | '#' | '%' | '>')) {
        return true;
    }
    is_alone
        && match sign {
            '$' | '#' | '%' | '>' => words.is_empty() || is_of_unix(words),
            _ => words.is_empty() || words.starts_with('➜'),
        }
}

/// `(venv) ` before a prompt, or the time of day.
fn without_environment(words: &str) -> &str {
    let inner = words.strip_prefix('(').and_then(|words| words.split_once(')')).map(|(_, words)| words.trim());
    inner.unwrap_or(words)
}

/// `PS C:\rmq`, `C:\rmq\bin`
fn is_of_windows(words: &str) -> bool {
    let path = words.strip_prefix("PS").map_or(words, str::trim_start);
    let drive = path.as_bytes();
    let is_path = matches!(drive, [letter, b':', rest @ ..]
        if letter.is_ascii_alphabetic() && (rest.is_empty() || matches!(rest[0], b'\\' | b'/')));
    is_path || (words.starts_with("PS") && (path.is_empty() || path.starts_with(['/', '~', '\\'])))
}

/// `root@mq1:~`, `root@mq1 bin`, `mq1:/opt`, `mac:bin me`, `/opt/rocketmq`, `~`, `bash-4.2`
fn is_of_unix(words: &str) -> bool {
    let parts: Vec<&str> = words.split_whitespace().take(6).collect();
    let Some(first) = parts.first() else { return false };
    let is_host = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "._-@".contains(c));
    let of_a_host = first.split_once(':').is_some_and(|(host, path)| {
        is_host(host) && (path.starts_with(['/', '~']) || parts.len() == 2 || (host.contains('@') && parts.len() == 1))
    });
    let of_a_user = first.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && is_host(user) && !host.is_empty() && !host.starts_with(|c: char| c.is_ascii_digit())
    });
    let of_a_shell = first.trim_start_matches('-').split_once('-').is_some_and(|(shell, version)| {
        matches!(shell, "bash" | "sh" | "zsh" | "ash" | "ksh") && version.starts_with(|c: char| c.is_ascii_digit())
    });
    (parts.len() <= 2 && of_a_host)
        || (parts.len() <= 4 && of_a_user)
        || (parts.len() == 1 && (of_a_shell || first.starts_with(['/', '~']) || matches!(*first, "mysql" | "zsh")))
}

/// The first of the two lines that Git's shell on Windows shows.
fn is_of_git_bash(line: &str) -> bool {
    line.contains('@') && ["MINGW64", "MINGW32", "MSYS"].iter().any(|system| line.contains(system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_of_many_shells_are_told_from_the_command() {
        let prompts = [
            "$ ",
            "# ",
            "% ",
            "> ",
            "[root@mq1 bin]# ",
            "[root@mq1 bin]#",
            "user@host:~$ ",
            "user@host:/opt/rocketmq$ ",
            "root@3f2a9c:/home/rocketmq/bin# ",
            "PS C:\\rmq> ",
            "PS> ",
            "PS /home/me> ",
            "C:\\rmq\\bin>",
            "D:\\>",
            "bash-4.4$ ",
            "sh-4.2# ",
            "-bash-4.2$ ",
            "/ # ",
            "~ $ ",
            "/opt/rocketmq # ",
            "mq1:~ # ",
            "(venv) me@mac bin % ",
            "MacBook-Pro:bin me$ ",
            "➜  ",
            "❯ ",
            "me@host ~/rmq> ",
            "rocketmq@abc:~/rocketmq-4.9.4/bin$ ",
            "[user@host-1.example.com ~]$ ",
            "[10:22:01 root@mq1 ~]# ",
            "root@mq1:~# ",
        ];
        for prompt in prompts {
            for command in ["", "sh mqadmin topicList -n ns:9876", "./mqadmin topicRoute -t a"] {
                let line = format!("{prompt}{command}");
                let at = end(&line).unwrap_or_else(|| panic!("{line:?} begins with a prompt"));
                assert_eq!(&line[at..], command, "{line:?}");
            }
        }
        assert_eq!(end("me@PC MINGW64 /c/rmq"), Some(20));
    }

    #[test]
    fn lines_of_an_output_begin_with_no_prompt() {
        let lines = [
            "#Topic  #QID",
            "#Cluster Name",
            "broker-a  0  10.0.0.1:10911",
            "%RETRY%order-service  broker-a  0",
            "127.0.0.1@1#9790766882943522    127.0.0.1:44832     JAVA       V5_3_2",
            "192.0.2.2@o2  127.0.0.1:58396  JAVA",
            "order-service-%DLQ%",
            "g  t  1  672  c2-69efabfe /127.0.0.1  c2",
            "{\"a\": 1} #",
            "[\"a\", \"b\"]#",
            "orders",
            "100% of them",
            "a > b",
            "what $ is this",
            "",
        ];
        for line in lines {
            assert_eq!(end(line), None, "{line:?}");
        }
    }
}
