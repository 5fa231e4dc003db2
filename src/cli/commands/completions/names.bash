
# The names of ledgers and exports: the program says whether one goes where the
# cursor is, and which there are. Everywhere else, what is above.
_qldb-export_or_names() {
    local rest=${COMP_LINE:0:COMP_POINT} word trimmed name flag="" i
    local -a words=() names=()
    # bash splits words at = and : as well; here they are as they were typed.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        trimmed=${rest#"${rest%%[![:blank:]]*}"}
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$trimmed
        if ((i > 0)) && [[ $trimmed == "$rest" ]]; then
            words[${#words[@]}-1]+=${word//[\'\"\\]/}
        else
            words+=("${word//[\'\"\\]/}")
        fi
        rest=${trimmed#"$word"}
    done
    # Where = does not split, the flag belongs to what is completed.
    [[ $2 == --*=* ]] && flag=${2%%=*}=
    while IFS=$'\t' read -r name _; do
        [[ $flag$name == "$2"* ]] && names+=("$flag$name")
    done < <("${1/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null </dev/null)
    if ((${#names[@]} > 0)); then
        COMPREPLY=("${names[@]}")
    else
        _qldb__export "$@"
    fi
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _qldb-export_or_names -o nosort -o bashdefault -o default qldb-export
else
    complete -F _qldb-export_or_names -o bashdefault -o default qldb-export
fi
