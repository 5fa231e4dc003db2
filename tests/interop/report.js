// Opens reports in headless Chromium, and inspects them.
//
//     report.js CHROMIUM AXE FOLDER PAGE...
//
// Prints one line of JSON for each page: console messages, requests, what axe-core found in light and dark mode at the
// width of a phone and of a desktop, whether a line is wider than the window, and the number of printed pages on A4 and
// Letter. Writes screenshots and PDFs to FOLDER.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const VIEWS = [
    { name: "phone", width: 390, height: 844, scheme: "light" },
    { name: "phone-dark", width: 390, height: 844, scheme: "dark" },
    { name: "desk", width: 1280, height: 900, scheme: "light" },
    { name: "desk-dark", width: 1280, height: 900, scheme: "dark" },
];
// Inches.
const PAPERS = { a4: [8.27, 11.69], letter: [8.5, 11] };
// The maximum height of a screenshot.
const TALLEST = 12000;

/** Starts the browser, and resolves to its address. */
function started(program, profile) {
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run"];
    const child = spawn(program, [...flags, "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"]);
    return new Promise((resolve, reject) => {
        let said = "";
        child.stderr.on("data", (bytes) => {
            said += bytes;
            const found = /DevTools listening on (ws:\S+)/.exec(said);
            if (found) resolve({ child, address: found[1] });
        });
        child.on("error", reject);
        child.on("exit", () => reject(new Error(`${program} ended: ${said}`)));
    });
}

/** Connects to the browser: `ask` sends a command, `heard` collects the events. */
async function connected(address) {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error(`no connection to ${address}`));
    });
    const waiting = new Map();
    const heard = [];
    let last = 0;
    socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (!message.id) {
            heard.push(message);
            return;
        }
        const { resolve, reject } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) reject(new Error(JSON.stringify(message.error)));
        else resolve(message.result);
    };
    const ask = (method, params = {}, sessionId = undefined) => {
        const id = ++last;
        socket.send(JSON.stringify({ id, method, params, sessionId }));
        return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    };
    return { ask, heard };
}

async function looked(browser, axe, folder, page) {
    const { targetId } = await browser.ask("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.ask("Target.attachToTarget", { targetId, flatten: true });
    const ask = (method, params) => browser.ask(method, params, sessionId);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await ask(`${domain}.enable`);
    const evaluated = async (expression) => {
        const { result, exceptionDetails } = await ask("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
        if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
        return result.value;
    };
    const url = pathToFileURL(page).href;
    const name = path.basename(page, ".html");
    await ask("Page.navigate", { url });
    while (!(await evaluated(`location.href === ${JSON.stringify(url)} && document.readyState === "complete"`)));
    const own = browser.heard.filter((event) => event.sessionId === sessionId);
    const found = { page: name, violations: [], sideways: [], printed: {} };
    found.title = await evaluated("document.title");
    found.text = await evaluated("document.body.innerText");
    found.scripts = await evaluated("document.querySelectorAll('script, img, iframe, object, embed, link, base, form').length");
    await evaluated(fs.readFileSync(axe, "utf8") + "; 0");
    for (const { name: view, width, height, scheme } of VIEWS) {
        await ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
        await ask("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
        const results = await evaluated("axe.run().then(({ violations, passes }) => ({ violations, passes: passes.length }))");
        if (results.passes < 10) throw new Error(`axe checked too little: ${results.passes}`);
        found.violations.push(...results.violations.map(({ id, impact, help, nodes }) => ({ view, id, impact, help, where: nodes[0].html })));
        const wide = await evaluated("document.documentElement.scrollWidth");
        if (wide > width) found.sideways.push({ view, wide });
        const tall = Math.min(await evaluated("document.documentElement.scrollHeight"), TALLEST);
        const clip = { x: 0, y: 0, width, height: tall, scale: 1 };
        const { data } = await ask("Page.captureScreenshot", { clip, captureBeyondViewport: true });
        fs.writeFileSync(path.join(folder, `${name}-${view}.png`), Buffer.from(data, "base64"));
    }
    await ask("Emulation.clearDeviceMetricsOverride");
    await ask("Emulation.setEmulatedMedia", { features: [] });
    for (const [paper, [paperWidth, paperHeight]] of Object.entries(PAPERS)) {
        const { data } = await ask("Page.printToPDF", { paperWidth, paperHeight, printBackground: false, preferCSSPageSize: false });
        const pdf = Buffer.from(data, "base64");
        fs.writeFileSync(path.join(folder, `${name}-${paper}.pdf`), pdf);
        found.printed[paper] = pdf.toString("latin1").split(/\/Type\s*\/Page\b/).length - 1;
    }
    const after = browser.heard.filter((event) => event.sessionId === sessionId);
    found.console = after.filter(({ method }) => ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"].includes(method));
    const requests = own.concat(after).filter(({ method }) => method === "Network.requestWillBeSent");
    found.requests = [...new Set(requests.map(({ params }) => params.request.url))].filter((asked) => asked !== url);
    await browser.ask("Target.closeTarget", { targetId });
    return found;
}

async function main([program, axe, folder, ...pages]) {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "qldb-export-chromium-"));
    const { child, address } = await started(program, profile);
    try {
        const browser = await connected(address);
        for (const page of pages) console.log(JSON.stringify(await looked(browser, axe, folder, page)));
    } finally {
        child.removeAllListeners("exit");
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill();
        await ended;
        fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
    process.exit(0);
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
});
