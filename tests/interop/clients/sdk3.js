// Takes the steps with version 3 of the AWS SDK for JavaScript: node sdk3.js FOLDER PLAN. FOLDER is that of
// @aws-sdk/client-qldb.
"use strict";

const path = require("node:path");
const { main } = require("./steps.js");

const folder = path.resolve(process.argv[2]);
const sdk = require(folder);
const { version } = require(path.join(folder, "package.json"));

// Endpoint, region and credentials come from the variables that `serve` prints.
const client = new sdk.QLDBClient({ maxAttempts: 1 });

const call = (operation, parameters) => client.send(new sdk[`${operation}Command`](parameters));
const named = (error) => ({ error: error.name, type: error.constructor.name });

main(version, call, named);
