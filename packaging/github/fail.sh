# For the scripts of action.yml, to be sourced.

# Ends the step with an annotation: one line for the runner, whatever the message quotes.
fail() {
    local message=$*
    message=${message//'%'/'%25'}
    message=${message//$'\r'/'%0D'}
    message=${message//$'\n'/'%0A'}
    echo "::error title=qldb-export::$message"
    exit 2
}
