/** What the shop is opened with, besides its products. Prices include 20 % French tax. */
module.exports = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  countries: [
    { name: 'France', code: 'FR', zone: 'Europe' },
    { name: 'Germany', code: 'DE', zone: 'Europe' },
  ],
  taxRates: [{ name: 'standard', percentage: 20 }],
  shippingMethods: [{ name: 'Parcel', price: 500 }],
  paymentMethods: [
    {
      name: 'Dummy',
      handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] },
    },
  ],
  collections: [],
};
