// Takes the steps of clients.py with a JavaScript SDK. `call(operation, parameters)` returns a response or throws the
// SDK's error; `named(error)` returns the SDK's name for it.
"use strict";

const QUICK = 50;
// Older SDKs round times to whole seconds: these fractions round up, so that the end is in the future.
const ROUNDS_UP = [550, 850];

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits for a moment that an SDK that rounds would round up, and returns it. */
async function now() {
    for (;;) {
        const moment = new Date();
        const fraction = moment.getMilliseconds();
        if (fraction >= ROUNDS_UP[0] && fraction <= ROUNDS_UP[1]) return moment;
        await pause(10);
    }
}

/** Converts a value for JSON. */
function plain(value) {
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    const members = Object.entries(value).filter(([name]) => name !== "$metadata");
    return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

async function run(plan, call, named) {
    const found = {};

    async function take(step, operation, parameters) {
        try {
            const answer = await call(operation, parameters);
            found[step] = { answer: plain(answer) };
            return answer;
        } catch (error) {
            found[step] = { ...named(error), message: error.message };
            return {};
        }
    }

    async function pages(step, operation, member, parameters) {
        const items = [];
        let token;
        do {
            const page = await take(step, operation, { ...parameters, NextToken: token });
            items.push(...(page[member] ?? []));
            token = page.NextToken;
        } while (token);
        if (found[step].answer) found[step] = { answer: { [member]: plain(items) } };
    }

    const { name, sample } = plan;
    const standard = { Name: name, PermissionsMode: "STANDARD", Tags: { made: "by a client" } };
    const { Arn: arn } = await take("create", "CreateLedger", standard);
    await take("create again", "CreateLedger", standard);
    await take("describe", "DescribeLedger", { Name: name });
    await take("describe nobody", "DescribeLedger", { Name: "nobody" });
    await take("delete protected", "DeleteLedger", { Name: name });
    await take("update", "UpdateLedger", { Name: name, DeletionProtection: false, KmsKey: plan.key });
    await take("update mode", "UpdateLedgerPermissionsMode", { Name: name, PermissionsMode: "ALLOW_ALL" });
    await take("tag", "TagResource", { ResourceArn: arn, Tags: plan.tags });
    await take("untag", "UntagResource", { ResourceArn: arn, TagKeys: ["made"] });
    await take("tags", "ListTagsForResource", { ResourceArn: arn });
    await pages("ledgers", "ListLedgers", "Ledgers", { MaxResults: 1 });

    async function exported(step, ledger, prefix, format, start, end) {
        const answer = await take(step, "ExportJournalToS3", {
            Name: ledger,
            InclusiveStartTime: start,
            ExclusiveEndTime: end,
            S3ExportConfiguration: {
                Bucket: "exports",
                Prefix: prefix,
                EncryptionConfiguration: { ObjectEncryptionType: "NO_ENCRYPTION" },
            },
            RoleArn: plan.role,
            OutputFormat: format,
        });
        return answer.ExportId;
    }

    async function followed(step, ledger, id) {
        for (;;) {
            const answer = await take(step, "DescribeJournalS3Export", { Name: ledger, ExportId: id });
            if (answer.ExportDescription?.Status !== "IN_PROGRESS") return;
            await pause(QUICK);
        }
    }

    const longAgo = new Date(Date.now() - 90 * 24 * 3600 * 1000);
    const id = await exported("export", sample, `${name}/`, "ION_TEXT", longAgo, await now());
    await followed("description", sample, id);
    await take("describe no export", "DescribeJournalS3Export", { Name: sample, ExportId: plan["unknown export"] });
    await pages("exports", "ListJournalS3Exports", "JournalS3Exports", { MaxResults: 2 });
    await pages("exports of the ledger", "ListJournalS3ExportsForLedger", "JournalS3Exports", { Name: sample, MaxResults: 1 });
    await exported("export backwards", sample, `${name}/`, "ION_TEXT", new Date(), longAgo);
    const end = await now();
    const numbers = [0, 1, 2, 3];
    const starts = numbers.map((n) => exported(`limit ${n}`, plan.big, `${name}-${n}/`, "JSON", longAgo, end));
    for (const running of (await Promise.all(starts)).filter(Boolean)) {
        await followed("description of the big ledger", plan.big, running);
    }

    const digest = await take("digest", "GetDigest", { Name: sample });
    const tip = digest.DigestTipAddress.IonText;
    const address = tip.replace(/sequenceNo:\d+/, `sequenceNo:${plan.block}`);
    const proving = { Name: sample, BlockAddress: { IonText: address }, DigestTipAddress: { IonText: tip } };
    const block = await take("block", "GetBlock", proving);
    const [, document] = /metadata:\{id:"(\w+)"/.exec(block.Block.IonText);
    await take("revision", "GetRevision", { ...proving, DocumentId: document });
    await take("block of nobody", "GetBlock", { Name: sample, BlockAddress: { IonText: "{}" } });

    const stream = { LedgerName: sample, StreamId: plan["unknown export"] };
    await pages("streams", "ListJournalKinesisStreamsForLedger", "Streams", { LedgerName: sample });
    await take("describe stream", "DescribeJournalKinesisStream", stream);
    await take("cancel stream", "CancelJournalKinesisStream", stream);
    await take("stream", "StreamJournalToKinesis", {
        LedgerName: sample,
        RoleArn: plan.role,
        StreamName: "changes",
        InclusiveStartTime: longAgo,
        KinesisConfiguration: { StreamArn: plan.kinesis },
    });
    await take("delete", "DeleteLedger", { Name: name });
    await take("describe deleted", "DescribeLedger", { Name: name });
    return found;
}

/** Runs the plan in the command line, and prints the result of each step. */
exports.main = async (version, call, named) => {
    const steps = await run(JSON.parse(process.argv[3]), call, named);
    console.log(JSON.stringify({ version, steps }));
};
