//! Completion as bash, zsh and fish do it, driven by tests.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Place, alike};
use crate::tools;

/// The shells that complete names of ledgers and exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Calls the registered function as readline does. One line of the list is a
/// command line: its words as readline splits them, each behind a unit separator.
const BASH: &str = r#"
source "$1" || exit 9
function=$(complete -p qldb-export) && function=${function#*-F } && function=${function%% *}
while IFS= read -r COMP_LINE && IFS=$'\x1f' read -r -a COMP_WORDS; do
    COMP_POINT=${#COMP_LINE} COMP_CWORD=$((${#COMP_WORDS[@]} - 2)) COMPREPLY=()
    unset 'COMP_WORDS[COMP_CWORD + 1]'
    current=${COMP_WORDS[COMP_CWORD]}
    [[ $current == = ]] && current=""
    "$function" qldb-export "$current" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
    printf '%s\n' "${COMPREPLY[@]}" $'\x01'
done
"#;

const FISH: &str = r#"
source $argv[1]; or exit 9
while read -l line
    complete -C "$line"
    echo \x01
end
"#;

/// A shell in a terminal of its own, in which a line is typed and Tab pressed;
/// what would be offered is written to a file instead.
const ZSH: &str = r#"
zmodload zsh/zpty
cat > $2/init.zsh <<'END'
PS1= PS2= LISTMAX=100000
unsetopt prompt_sp beep
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit; compinit -u -D
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
    local -a hits said reported
    integer at=${@[(I)-d]}
    (( at )) && { reported=$@[at+1]; [[ $reported == \(* ]] && eval "said=$reported" || said=("${(@P)reported}") }
    builtin compadd -A hits -D said "$@"
    local number
    for number in {1..$#hits}; do (( $#hits )) && print -r -- "$hits[number]"$'\t'"$said[number]" >> $OFFERED; done
    builtin compadd "$@"
}
completed() { compstate[insert]= compstate[list]=; print -n $'\x01DONE' }
comppostfuncs=(completed)
complete-here() { comppostfuncs=(completed); zle complete-word }
zle -N complete-here
bindkey -e; bindkey '^I' complete-here
print -n $'\x01READY'
END
export COMPLETIONS=$1:h OFFERED=$2/offered
zpty terminal zsh -f -i
zpty -w terminal "source $2/init.zsh"
zpty -r terminal seen $'*\x01READY*'
while IFS= read -r line; do
    : > $OFFERED
    zpty -w -n terminal "$line"$'\t'
    zpty -r terminal seen $'*\x01DONE*'
    zpty -w -n terminal $'\C-u'
    cat $OFFERED
    print $'\x01'
done
zpty -d terminal
"#;

impl Shell {
    pub(crate) const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Bash => "qldb-export.bash",
            Self::Zsh => "_qldb-export",
            Self::Fish => "qldb-export.fish",
        }
    }

    /// Whether the shell is installed.
    pub(crate) fn is_here(self) -> bool {
        tools::has(self.name())
    }

    /// What the shell offers at the ends of lines: words, and after a tab their descriptions.
    pub(crate) fn offers(self, place: &Place, like: &Command, lines: &[&str]) -> Vec<Vec<String>> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(self.script());
        let mut shell = Command::new(self.name());
        match self {
            Self::Bash => shell.args(["--norc", "-c", BASH, "bash"]).arg(&script),
            Self::Zsh => shell.args(["-f", "-c", ZSH, "zsh"]).arg(&script).arg(place.path()),
            Self::Fish => shell.args(["--no-config", "-c", FISH]).arg(&script),
        };
        alike(&mut shell, like).env("TERM", "xterm");
        let typed: String = lines.iter().map(|line| self.typed(line)).collect();
        let output = fed(shell, &typed);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{self:?}: {errors}");
        let offered = String::from_utf8(output.stdout).unwrap().replace('\r', "");
        let offered: Vec<Vec<String>> = offered.split("\u{1}\n").map(words).collect();
        assert_eq!(offered.len(), lines.len() + 1, "{self:?}");
        offered.into_iter().take(lines.len()).collect()
    }

    fn typed(self, line: &str) -> String {
        if self != Self::Bash {
            return format!("{line}\n");
        }
        let mut words = String::new();
        for (number, word) in line.split(' ').enumerate() {
            // What readline does at an equals sign.
            let parts = word.replace('=', "\u{1f}=\u{1f}");
            words += if number > 0 { "\u{1f}" } else { "" };
            words += parts.strip_suffix('\u{1f}').unwrap_or(&parts);
        }
        format!("{line}\n{words}\u{1f}.\n")
    }
}

fn words(block: &str) -> Vec<String> {
    block.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn fed(mut command: Command, input: &str) -> std::process::Output {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().write_all(input.as_bytes()).unwrap();
    command.stdin(fs::File::open(file.path()).unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.output().unwrap()
}
