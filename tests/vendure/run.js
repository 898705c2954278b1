/**
 * Opens the shop on an empty database, fills it, and says READY. By hand: PORT=3000 node run.js
 * With END_WITH_STDIN it ends when whoever started it does, however that happened.
 */
const { config } = require('./config.js');
const path = require('node:path');
const { bootstrap, ChannelService, JobQueueService, RequestContextService } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');

/** Vendure's first channel is in dollars without tax; a shop in France is not. */
async function inEuros(app) {
  const ctx = await app.get(RequestContextService).create({ apiType: 'admin' });
  const channels = app.get(ChannelService);
  const channel = await channels.getDefaultChannel();
  await channels.update(ctx, {
    id: channel.id,
    availableCurrencyCodes: ['EUR'],
    defaultCurrencyCode: 'EUR',
    pricesIncludeTax: true,
  });
  return app;
}

async function main() {
  const app = await populate(
    async () => inEuros(await bootstrap(config)),
    require('./initial-data.js'),
    path.join(__dirname, 'products.csv'),
  );
  await app.get(JobQueueService).start();
  console.log('READY');
}

if (process.env.END_WITH_STDIN) process.stdin.resume().on('end', () => process.exit());
main().catch(error => {
  console.error(error);
  process.exit(1);
});
