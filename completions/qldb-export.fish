# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_qldb_export_global_optspecs
    string join \n region= profile= endpoint-url= local data-dir= object-store= assume-role s3-path-style request-payer= expected-bucket-owner= output= query= q/quiet v/verbose color= no-progress events= heartbeat= no-cli-pager h/help V/version
end

function __fish_qldb_export_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_qldb_export_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_qldb_export_using_subcommand
    set -l cmd (__fish_qldb_export_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c qldb-export -n "__fish_qldb_export_needs_command" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l endpoint-url -d 'Address of the endpoint, instead of AWS\'s own' -r -f
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l local -d 'Run the built-in endpoint inside this command'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -l no-cli-pager -d 'Accepted for compatibility with the AWS CLI'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -s V -l version -d 'Print version'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "start" -d 'Start an export'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "wait" -d 'Follow an export until it ends'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "status" -d 'Describe an export'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "list" -d 'List exports, of one ledger or of all, newest first'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "sync" -d 'Export every window of time that is not exported yet, for cron'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "policy" -d 'Print the policies that the role and the caller of exports need'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "verify" -d 'Prove that archived exports are complete and unaltered'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "convert" -d 'Convert archived exports into tables: SQLite, Parquet, CSV or JSON Lines'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "history" -d 'Show every version of a document, each one proved'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "prove" -d 'Write the proof of a document or block, for someone without the archive'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "serve" -d 'Run the built-in endpoint'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "ledger" -d 'Create, fill, import, list, compact and delete ledgers of the built-in endpoint'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "completions" -d 'Print a completion script'
complete -c qldb-export -n "__fish_qldb_export_needs_command" -f -a "man" -d 'Print the main manual page, or write all pages into a directory'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l ledger -d 'Ledger to export' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l from -d 'First commit time to export: RFC 3339 with an offset, a date, now, today, yesterday, or -36h' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l until -d 'Commit time at which to stop (exclusive); now if not given' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l last -d 'Length of the range before its end, instead of --from (90m, 24h, 7d)' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l bucket -d 'S3 bucket to write to' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l prefix -d 'Prefix of every object\'s key, such as nightly/; "" for none' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l encryption -d 'How S3 encrypts the objects: SSE_KMS, SSE_S3 or NO_ENCRYPTION' -r -f -a "SSE_KMS\t''
SSE_S3\t''
NO_ENCRYPTION\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l kms-key-arn -d 'KMS key for SSE_KMS' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l role-arn -d 'Role that QLDB assumes to write to the bucket' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l format -d 'Format of the data objects: ION_TEXT, ION_BINARY or JSON; the service\'s default is ION_TEXT' -r -f -a "ION_BINARY\t''
ION_TEXT\t''
JSON\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l s3-export-configuration -d 'The AWS CLI\'s way to give --bucket, --prefix, --encryption and --kms-key-arn' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l cli-input-json -d 'Take values that no other flag gives from a JSON object, or from file:// and the path of a JSON file' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l generate-cli-skeleton -d 'Print a JSON object to fill in and pass to --cli-input-json, and do nothing else' -r -f -a "input\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l on-limit -d 'What to do if two exports of the ledger are already running' -r -f -a "fail\t'Give up'
wait\t'Wait for one to end'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l endpoint-url -d 'Address of the endpoint, instead of AWS\'s own' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l wait -d 'Follow the export until it ends'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l adopt -d 'Follow an identical export if there is one, instead of starting another'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l dry-run -d 'Print the request that would be sent, and send nothing'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l local -d 'Run the built-in endpoint inside this command'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -l no-cli-pager -d 'Accepted for compatibility with the AWS CLI'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l export-id -d 'The AWS CLI\'s way to give EXPORT_ID' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l ledger -d 'Ledger of the export; looked up in the list of all exports if not given' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l endpoint-url -d 'Address of the endpoint, instead of AWS\'s own' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l local -d 'Run the built-in endpoint inside this command'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -l no-cli-pager -d 'Accepted for compatibility with the AWS CLI'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l export-id -d 'The AWS CLI\'s way to give EXPORT_ID' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l ledger -d 'Ledger of the export; looked up in the list of all exports if not given' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l cli-input-json -d 'Take values that no other flag gives from a JSON object, or from file:// and the path of a JSON file' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l generate-cli-skeleton -d 'Print a JSON object to fill in and pass to --cli-input-json, and do nothing else' -r -f -a "input\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l endpoint-url -d 'Address of the endpoint, instead of AWS\'s own' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l local -d 'Run the built-in endpoint inside this command'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -l no-cli-pager -d 'Accepted for compatibility with the AWS CLI'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l ledger -d 'Ledger whose exports to list; all in the account and region if not given' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l max-results -d 'List only one page, with at most N exports (1 to 100)' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l next-token -d 'List only the page that begins at this token' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l keys -d 'List the data objects of an archived export instead, one a line' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l cli-input-json -d 'Take values that no other flag gives from a JSON object, or from file:// and the path of a JSON file' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l generate-cli-skeleton -d 'Print a JSON object to fill in and pass to --cli-input-json, and do nothing else' -r -f -a "input\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l endpoint-url -d 'Address of the endpoint, instead of AWS\'s own' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l no-paginate -d 'List only the first page'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l local -d 'Run the built-in endpoint inside this command'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -l no-cli-pager -d 'Accepted for compatibility with the AWS CLI'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l ledger -d 'Ledger to export' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l bucket -d 'S3 bucket to write to' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l prefix -d 'Prefix of every object\'s key, such as nightly/; "" for none' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l encryption -d 'How S3 encrypts the objects: SSE_KMS, SSE_S3 or NO_ENCRYPTION' -r -f -a "SSE_KMS\t''
SSE_S3\t''
NO_ENCRYPTION\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l kms-key-arn -d 'KMS key for SSE_KMS' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l role-arn -d 'Role that QLDB assumes to write to the bucket' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l format -d 'Format of the data objects: ION_TEXT, ION_BINARY or JSON; the service\'s default is ION_TEXT' -r -f -a "ION_BINARY\t''
ION_TEXT\t''
JSON\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l window -d 'Length of the range of each export, aligned to 1970 in UTC: 1d is from midnight to midnight' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l lag -d 'How long to wait after a window\'s end before exporting it' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l from -d 'Where to begin, unless an earlier export at this bucket and prefix is known' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l archive -d 'Folder or S3 location (s3://BUCKET/PREFIX) of the bucket\'s objects, whose manifests show what is exported' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l metrics -d 'Write a file of metrics for Prometheus when the run ends' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l endpoint-url -d 'Address of the endpoint, instead of AWS\'s own' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l verify -d 'Prove what is not proved yet, as verify does, and that each export continues the one before'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l status -d 'Report how far the exports are instead of exporting'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l local -d 'Run the built-in endpoint inside this command'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -l no-cli-pager -d 'Accepted for compatibility with the AWS CLI'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l ledger -d 'Ledger to export' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l bucket -d 'S3 bucket to write to' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l prefix -d 'Prefix of every object\'s key, such as nightly/; "" for none' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l kms-key-arn -d 'KMS key, if the exports are encrypted with one' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l role-arn -d 'Role that QLDB assumes to write to the bucket' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l account -d 'Account of the ledger; the role\'s if not given' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l export -d 'Only the export with this id' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l level -d 'What to prove: objects, blocks, contents, chain, digest, or several separated by commas' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l digest -d 'A digest saved from the service: base64, or a file with the response of GetDigest' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l tip -d 'The last block that a digest covers, if the digest is given as base64' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l block -d 'Check a saved response of GetBlock against the digest' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l revision -d 'Check a saved response of GetRevision against the digest' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l ledger -d 'Only exports of this ledger' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l receipt -d 'Write a receipt with which someone else can repeat the verification; - is stdout' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l receipt-check -d 'Repeat the verification of a receipt, and report every difference' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l checksums -d 'With --receipt-check: compare with completion reports of S3 Batch Operations; nothing is read' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l print-batch-manifest -d 'Print the manifest of such a job: bucket and key of every file that a receipt lists' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l report -d 'Write a report for people: a page if FILE ends in .html, text if it ends in .txt' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l restore -d 'Ask S3 to restore objects in GLACIER or DEEP_ARCHIVE for DAYS days' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l tier -d 'How fast to restore; Standard if not given' -r -f -a "Bulk\t''
Standard\t''
Expedited\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l anchor -d 'Write a few lines that stand for the whole journal, for others to sign or timestamp; - is stdout' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l anchored -d 'Check that the archive still hashes to an anchor, plain or as a signed note' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l resume -d 'Record progress in FILE, and resume from there; or join the FILEs of all parts' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l part -d 'Read only one of N parts of the archive, and record findings in --resume FILE; no verdict' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l jobs -d 'Number of threads [default: one for each core]' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l accept -d 'Accept a known exception that would leave the contents unproved' -r -f -a "hash-only-blocks\t''
redactions-elsewhere\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l endpoint-url -d 'Address of the endpoint, instead of AWS\'s own' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l wait -d 'Wait until S3 has restored what was requested, now or earlier, and then read'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l complete -d 'When joining parts: read what no part has read, instead of ending with 11'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l local -d 'Run the built-in endpoint inside this command'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -l no-cli-pager -d 'Accepted for compatibility with the AWS CLI'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l to -d 'The file or folder to write' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l as -d 'Output format [default: sqlite if DEST ends in .db, .sqlite or .sqlite3]' -r -f -a "sqlite\t'One SQLite database'
parquet\t'A folder of Parquet files, with the revisions partitioned by table'
csv\t'A folder of CSV files, and the statements that load them into PostgreSQL'
jsonl\t'A folder of JSON Lines files, with the same statements'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l table -d 'Only revisions of documents in this table, and their transactions; can be repeated' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l from -d 'Only blocks committed at or after this time' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l until -d 'Only blocks committed before this time' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l report -d 'Write a report of the verification: a page if FILE ends in .html, text if it ends in .txt' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l print-ddl -d 'Only print the statements with which ENGINE reads the Parquet folder DEST' -r -f -a "athena\t'Amazon Athena'
spark\t'Apache Spark'
duckdb\t'DuckDB'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l part -d 'Convert only one of N parts of the archive, and record findings in --resume FILE (parquet)' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l resume -d 'With --part: record findings in FILE; without: join the FILEs of all parts, and the tables that they wrote' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l ledger -d 'Only exports of this ledger' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l digest -d 'A digest saved from the service: base64, or a file with the response of GetDigest' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l tip -d 'The last block that a digest covers, if the digest is given as base64' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l accept -d 'Accept a known exception that would leave the contents unproved' -r -f -a "hash-only-blocks\t''
redactions-elsewhere\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l jobs -d 'Number of threads that read [default: one for each core]' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l restore -d 'Ask S3 to restore objects in GLACIER or DEEP_ARCHIVE for DAYS days' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l tier -d 'How fast to restore; Standard if not given' -r -f -a "Bulk\t''
Standard\t''
Expedited\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l force -d 'Replace what an earlier conversion wrote there'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l append -d 'Extend what an earlier conversion wrote there, if the archive continues it (sqlite, parquet)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l current -d 'Only current documents: the last revision of each that was not deleted'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l with-ion -d 'Add the column data_ion: the data as Ion text, which keeps what JSON loses'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l unverified -d 'Write the tables even if the archive is not proved; they say so'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l wait -d 'Wait until S3 has restored what was requested, now or earlier, and then read'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l document -d 'The document with this id, as QLDB gave it' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l where -d 'The documents of a table in which a field has a value, in any version: Vehicle.VIN=1N4AL11D75C109151' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l as-of -d 'Only the version that was current at this time, by metadata.txTime' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l ledger -d 'Only exports of this ledger' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l digest -d 'A digest saved from the service: base64, or a file with the response of GetDigest' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l tip -d 'The last block that a digest covers, if the digest is given as base64' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l accept -d 'Accept a known exception that would leave the contents unproved' -r -f -a "hash-only-blocks\t''
redactions-elsewhere\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l jobs -d 'Number of threads that read [default: one for each core]' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l restore -d 'Ask S3 to restore objects in GLACIER or DEEP_ARCHIVE for DAYS days' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l tier -d 'How fast to restore; Standard if not given' -r -f -a "Bulk\t''
Standard\t''
Expedited\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l diff -d 'Show what each version changed instead of the whole document'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l unverified -d 'Show the history even if the archive is not proved, and say so'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l wait -d 'Wait until S3 has restored what was requested, now or earlier, and then read'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l document -d 'The document with this id, as QLDB assigned it' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l version -d 'Only this version of the document' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l block -d 'The block with this number' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l out -d 'The folder to write' -r -f -a "(__fish_complete_directories)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l report -d 'Write a report of the verification: a page if FILE ends in .html, text if it ends in .txt' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l ledger -d 'Only exports of this ledger' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l digest -d 'A digest saved from the service: base64, or a file with the response of GetDigest' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l tip -d 'The last block that a digest covers, if the digest is given as base64' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l accept -d 'Accept a known exception that would leave the contents unproved' -r -f -a "hash-only-blocks\t''
redactions-elsewhere\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l jobs -d 'Number of threads that read [default: one for each core]' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l restore -d 'Ask S3 to restore objects in GLACIER or DEEP_ARCHIVE for DAYS days' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l tier -d 'How fast to restore; Standard if not given' -r -f -a "Bulk\t''
Standard\t''
Expedited\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l force -d 'Replace a folder that an earlier `prove` wrote'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l wait -d 'Wait until S3 has restored what was requested, now or earlier, and then read'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand prove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l listen -d 'Address and port to listen on; port 0 picks a free one' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l credentials-from -d 'Which credentials callers sign with: environment, profile:NAME, file, or file:PATH' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "list" -d 'List the ledgers'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "describe" -d 'Describe a ledger and its journal'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "sample" -d 'Create a ledger with sample data: vehicles, their owners, licences and registrations'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "append" -d 'Append documents to a table, from a file or stdin: Ion, or JSON Lines'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "import" -d 'Create a ledger from archived exports, or add later ones to it'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "digest" -d 'Print the digest of a ledger\'s journal'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "compact" -d 'Join the small segments of a ledger\'s journal into a few large ones'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "recover" -d 'Recreate the catalog from the journals, after it was lost or replaced by an older one'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and not __fish_seen_subcommand_from list describe sample append import digest compact recover delete" -f -a "delete" -d 'Delete a ledger and its journal'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l name -d 'The AWS CLI\'s way to give NAME' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l name -d 'The AWS CLI\'s way to give NAME' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l transactions -d 'Number of transactions' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l days -d 'Number of days over which they are spread, up to now' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l seed -d 'Seed of the random data; the same seed gives the same documents' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from sample" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l name -d 'The AWS CLI\'s way to give NAME' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l table -d 'Table to write to; created if it does not exist' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l batch -d 'Maximum number of documents in one transaction; QLDB\'s limit if not given' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l committed -d 'Read committed revisions, which include the document\'s id: {metadata: {id: …}, data: {…}}'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l ledger -d 'Only exports of this ledger, if the folders hold several' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l restore -d 'Ask S3 to restore objects in GLACIER or DEEP_ARCHIVE for DAYS days' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l tier -d 'How fast to restore; Standard if not given' -r -f -a "Bulk\t''
Standard\t''
Expedited\t''"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l timeout -d 'Stop waiting after this time (30m, 12h); what was started keeps running' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l poll-interval -d 'First pause between two polls; pauses grow to a minute, with jitter' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l region -d 'AWS region; overrides the environment and the profile' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l profile -d 'Profile of the shared AWS configuration files' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l in-place -d 'Use the objects where they are instead of copying them'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l wait -d 'Wait until S3 has restored what was requested, now or earlier, and then read'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l name -d 'The AWS CLI\'s way to give NAME' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l name -d 'The AWS CLI\'s way to give NAME' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l name -d 'The AWS CLI\'s way to give NAME' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l heartbeat -d 'How often to print a line while the command is running, if there is no spinner' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -l no-progress -d 'Show no spinner and no lines of progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l name -d 'The AWS CLI\'s way to give NAME' -r -f -k -a "(__qldb_export_names)"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l data-dir -d 'Data directory of the built-in endpoint' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l object-store -d 'Where the built-in endpoint writes exports; directory if not given' -r -f -a "directory\t'Directories in the data directory, unencrypted'
s3\t'S3'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l request-payer -d 'Pay for the requests and the transfer, if the bucket\'s owner does not' -r -f -a "requester\t'The caller'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l expected-bucket-owner -d 'The account that every bucket must belong to; otherwise S3 refuses the call' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'The API\'s response, as the AWS CLI prints it'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l query -d 'Print only the part of the result that a JMESPath expression selects' -r -f
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l events -d 'Also write events to a file, as JSON Lines' -r -F
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l force -d 'Turn deletion protection off first'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l assume-role -d 'With --object-store s3: write with the role that the export names'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -l s3-path-style -d 'For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Write only errors to stderr, no notes and no progress'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Log to stderr'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set'
always\t'Always'
never\t'Never'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'

# The names of ledgers and exports: the program says whether one goes where the
# cursor is, and which there are.
function __qldb_export_names
    set -l words (commandline -opc) (string unescape -- (commandline -ct); or commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    $program __complete $words[2..-1] 2>/dev/null </dev/null
end

complete -c qldb-export -n "__fish_qldb_export_using_subcommand wait" -f -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand status" -f -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand policy" -f -a "trust\t'Who may assume the role'
permissions\t'What the role may do'
caller\t'What the caller of the export may do'"
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from describe" -f -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from append" -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from import" -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from digest" -f -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from compact" -f -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from recover" -f -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand ledger; and __fish_seen_subcommand_from delete" -f -k -a '(__qldb_export_names)'
complete -c qldb-export -n "__fish_qldb_export_using_subcommand completions" -f -a "bash\t''
elvish\t''
fish\t''
powershell\t''
zsh\t''"
