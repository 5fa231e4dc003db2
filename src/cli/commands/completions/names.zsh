# The names of ledgers and exports: the program says whether one goes where the
# cursor is, and which there are.
_qldb-export_names() {
    local -a names
    local name description
    while IFS=$'\t' read -r name description; do
        names+=("${name//:/\\:}${description:+:$description}")
    done < <("${_qldb_export_line[1]/#\~/$HOME}" __complete "${(@)_qldb_export_line[2,-1]}" 2>/dev/null </dev/null)
    (( $#names )) && _describe -V -t names name names
}
