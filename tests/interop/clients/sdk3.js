// The steps by version 3 of the AWS SDK for JavaScript: node sdk3.js FOLDER PLAN, with the folder of @aws-sdk/client-qldb.
"use strict";

const path = require("node:path");
const { main } = require("./steps.js");

const folder = path.resolve(process.argv[2]);
const sdk = require(folder);
const { version } = require(path.join(folder, "package.json"));

// Versions before the shared variables were read take the endpoint from their caller; later ones would find it.
const client = new sdk.QLDBClient({ endpoint: process.env.AWS_ENDPOINT_URL_QLDB, maxAttempts: 1 });

const call = (operation, parameters) => client.send(new sdk[`${operation}Command`](parameters));
const named = (error) => ({ error: error.name, type: error.constructor.name });

main(version, call, named);
