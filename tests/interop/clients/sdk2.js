// Takes the steps with version 2 of the AWS SDK for JavaScript: node sdk2.js FOLDER PLAN. FOLDER is that of aws-sdk.
"use strict";

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";

const path = require("node:path");
const { main } = require("./steps.js");

const AWS = require(path.resolve(process.argv[2]));

// This version reads no environment variable for an endpoint.
const client = new AWS.QLDB({
    endpoint: process.env.AWS_ENDPOINT_URL_QLDB,
    region: process.env.AWS_REGION,
    maxRetries: 0,
});

function call(operation, parameters) {
    const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
    const method = operation[0].toLowerCase() + operation.slice(1);
    return client[method](given).promise();
}

// All errors have the same type; their code is the name.
const named = (error) => ({ error: error.code, type: error.code });

main(AWS.VERSION, call, named);
