/**
 * A small real shop: euros, English, state in memory. What varies comes from the environment:
 * PORT, WEBHOOK_URL and WEBHOOK_SECRET.
 */
const path = require('node:path');

process.env.VENDURE_DISABLE_TELEMETRY = 'true';
// The plugin lives outside this folder, as at a retailer's, and must find the same @vendure/core.
process.env.NODE_PATH = path.join(__dirname, 'node_modules');
require('node:module').Module._initPaths();

const {
  DefaultLogger,
  LanguageCode,
  LogLevel,
  dummyPaymentHandler,
} = require('@vendure/core');
const { InMemoryJobQueueStrategy } = require('@vendure/core/dist/job-queue/in-memory-job-queue-strategy');
const { BateleurWebhook } = require('../../shops/vendure/bateleur-webhook.js');

/** One request after the other: SQLite has no transactions side by side. */
let last = Promise.resolve();
function oneAtATime(request, response, next) {
  const before = last;
  last = new Promise(done => response.once('close', done));
  before.then(() => next());
}

exports.config = {
  apiOptions: {
    port: Number(process.env.PORT),
    hostname: '127.0.0.1',
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
    middleware: [{ route: '*path', handler: oneAtATime, beforeListen: true }],
  },
  authOptions: {
    tokenMethod: ['bearer', 'api-key'],
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    requireVerification: false,
  },
  dbConnectionOptions: { type: 'sqljs', synchronize: true },
  defaultLanguageCode: LanguageCode.en,
  importExportOptions: { importAssetsDir: __dirname },
  jobQueueOptions: {
    jobQueueStrategy: new InMemoryJobQueueStrategy({
      concurrency: 1,
      pollInterval: 20,
      backoffStrategy: () => 200,
    }),
  },
  logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: true }),
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  plugins: [
    BateleurWebhook.init({ url: process.env.WEBHOOK_URL ?? '', secret: process.env.WEBHOOK_SECRET ?? '' }),
  ],
};
