# To be sourced by the scripts of action.yml.

# Ends the step with an annotation, which is always one line for the runner.
fail() {
    local message=$*
    message=${message//'%'/'%25'}
    message=${message//$'\r'/'%0D'}
    message=${message//$'\n'/'%0A'}
    echo "::error title=qldb-export::$message"
    exit 2
}
