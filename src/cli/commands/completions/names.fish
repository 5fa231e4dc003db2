
# The names of ledgers and exports: the program says whether one goes where the
# cursor is, and which there are.
function __qldb_export_names
    set -l words (commandline -opc) (string unescape -- (commandline -ct); or commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    $program __complete $words[2..-1] 2>/dev/null </dev/null
end

