/**
 * Tells Bateleur of orders that carry a coupon code, for Vendure 3.
 *
 * Install: copy this file beside your Vendure configuration and add to its plugins
 *
 *     const { BateleurWebhook } = require('./bateleur-webhook.js');
 *     plugins: [BateleurWebhook.init({ url: '<PUBLIC_URL>/hooks/shop', secret: '<a long random text>' })]
 *
 * where the same text is given to Bateleur as BATELEUR_SHOP__WEBHOOK_SECRET. No migration is needed. Calls
 * are jobs of your job queue, so a worker must run; a call that fails is tried ten times, as far apart as
 * your queue's `backoffStrategy` says. What is lost all the same, Bateleur's polling finds: for its sake a
 * refund moves the order's `updatedAt`, which Vendure leaves as it was (3.7.3).
 *
 * A call is a POST of JSON when an order is placed, changes its state afterwards, or is refunded:
 *     { id, sent_at, type, order: { code, state, updatedAt, couponCodes, totalWithTax, ... } }
 * `id` is the same at every try, `sent_at` is the moment of this one, and `order` is as it stands at that
 * moment, in the words of the Admin API. Nothing in it names the customer but Vendure's own id.
 * Header `bateleur-signature`: hex of HMAC-SHA256(secret, the bytes of the body).
 */
const { createHmac, randomUUID } = require('node:crypto');
const {
  EventBus,
  JobQueueService,
  Logger,
  Order,
  OrderService,
  OrderStateTransitionEvent,
  PluginCommonModule,
  RefundEvent,
  RefundStateTransitionEvent,
  RequestContext,
  TransactionalConnection,
  VendurePlugin,
} = require('@vendure/core');

const TRIES = 10;
const PATIENCE_MS = 10_000;
const STILL_A_CART = ['Created', 'Draft', 'AddingItems', 'ArrangingPayment'];
const RELATIONS = [
  'customer', 'lines', 'lines.productVariant', 'shippingLines', 'surcharges', 'promotions',
  'payments', 'payments.refunds',
];

/** The order in the Admin API's words; only what a redemption needs. */
function inWords(order) {
  return {
    id: String(order.id),
    code: order.code,
    state: order.state,
    orderPlacedAt: order.orderPlacedAt,
    updatedAt: order.updatedAt,
    type: order.type,
    currencyCode: order.currencyCode,
    totalWithTax: order.totalWithTax,
    couponCodes: order.couponCodes,
    customer: order.customer ? { id: String(order.customer.id) } : null,
    discounts: order.discounts.map(one => ({
      adjustmentSource: one.adjustmentSource,
      amountWithTax: one.amountWithTax,
    })),
    promotions: order.promotions.map(one => ({ id: String(one.id), couponCode: one.couponCode })),
    payments: order.payments.map(payment => ({
      state: payment.state,
      amount: payment.amount,
      updatedAt: payment.updatedAt,
      refunds: payment.refunds.map(refund => ({
        state: refund.state,
        total: refund.total,
        updatedAt: refund.updatedAt,
      })),
    })),
  };
}

class BateleurWebhook {
  static options = { url: '', secret: '' };

  /** `url` where calls go, none when empty; `secret` signs them. */
  static init(options) {
    if (options.url && !options.secret) throw new Error('BateleurWebhook needs a secret.');
    BateleurWebhook.options = options;
    return BateleurWebhook;
  }

  constructor(eventBus, orderService, jobQueueService, connection) {
    Object.assign(this, { eventBus, orderService, jobQueueService, connection });
  }

  async onModuleInit() {
    if (!BateleurWebhook.options.url) return;
    const queue = await this.jobQueueService.createQueue({
      name: 'bateleur-webhook',
      process: job => this.deliver(job.data),
    });
    const tell = (type, event) =>
      queue
        .add(
          { id: randomUUID(), type, orderId: event.order.id, ctx: event.ctx.serialize() },
          { retries: TRIES - 1 },
        )
        .catch(error => Logger.error(`Not queued: ${error.message}`, 'BateleurWebhook'));
    this.eventBus.ofType(OrderStateTransitionEvent).subscribe(event => {
      if (!STILL_A_CART.includes(event.toState)) tell('order', event);
    });
    const refunded = async event => {
      const orders = this.connection.getRepository(event.ctx, Order);
      await orders.update(event.order.id, { updatedAt: () => 'CURRENT_TIMESTAMP' }).catch(() => undefined);
      await tell('refund', event);
    };
    this.eventBus.ofType(RefundEvent).subscribe(refunded);
    this.eventBus.ofType(RefundStateTransitionEvent).subscribe(refunded);
  }

  /** Posts the order as it stands now; anything but 2xx throws, and the queue tries again. */
  async deliver({ id, type, orderId, ctx }) {
    const order = await this.orderService.findOne(RequestContext.deserialize(ctx), orderId, RELATIONS);
    if (!order?.orderPlacedAt || !order.couponCodes.length) return;
    const body = JSON.stringify({ id, sent_at: new Date().toISOString(), type, order: inWords(order) });
    const { url, secret } = BateleurWebhook.options;
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'bateleur-signature': createHmac('sha256', secret).update(body).digest('hex'),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`Bateleur answered ${answer.status}.`);
  }
}

// What TypeScript's decorator syntax would have written.
Reflect.defineMetadata(
  'design:paramtypes',
  [EventBus, OrderService, JobQueueService, TransactionalConnection],
  BateleurWebhook,
);
VendurePlugin({ imports: [PluginCommonModule], compatibility: '^3.0.0' })(BateleurWebhook);

module.exports = { BateleurWebhook };
