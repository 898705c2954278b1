"""What is asked of Vendure's Admin API, in GraphQL. Tried on 3.7.3."""

LOGIN = """mutation($username:String!,$password:String!){
  login(username:$username,password:$password){__typename ...on ErrorResult{errorCode}}}"""

WHO = """{
  activeChannel{code defaultCurrencyCode pricesIncludeTax}
  productVariants(options:{take:1}){totalItems}
  orders(options:{take:1}){totalItems}
  promotions(options:{take:1}){totalItems}}"""

RIGHTS = "{me{channels{permissions}}}"

LANGUAGE = "{activeChannel{defaultCurrencyCode defaultLanguageCode}}"

VARIANTS = """query($options:ProductVariantListOptions!){
  productVariants(options:$options){totalItems items{
    id sku name enabled priceWithTax currencyCode
    trackInventory useGlobalOutOfStockThreshold outOfStockThreshold
    stockLevels{stockOnHand stockAllocated}
    featuredAsset{preview} product{enabled slug featuredAsset{preview}}}}
  globalSettings{trackInventory outOfStockThreshold}}"""

PROMOTIONS = """query($options:PromotionListOptions!){
  promotions(options:$options){totalItems items{id couponCode}}}"""

END = "mutation($ids:[ID!]!){deletePromotions(ids:$ids){result message}}"

ORDERS = """query($options:OrderListOptions!){
  orders(options:$options){items{
    id code state type orderPlacedAt updatedAt currencyCode totalWithTax
    customer{id}
    discounts{adjustmentSource amountWithTax}
    promotions{id couponCode}
    payments{state amount updatedAt refunds{state total updatedAt}}}}}"""


def create_promotions(count: int) -> str:
    """Makes `count` promotions in one request; they are the variables `i0`, `i1` and so on."""
    return _many(count, "createPromotion", "CreatePromotionInput", "id")


def update_promotions(count: int) -> str:
    """Changes `count` promotions in one request, likewise."""
    return _many(count, "updatePromotion", "UpdatePromotionInput", "id endsAt")


def _many(count: int, mutation: str, input_type: str, fields: str) -> str:
    given = ",".join(f"$i{n}:{input_type}!" for n in range(count))
    calls = " ".join(
        f"r{n}:{mutation}(input:$i{n}){{...on Promotion{{{fields}}} ...on ErrorResult{{errorCode message}}}}"
        for n in range(count)
    )
    return f"mutation({given}){{{calls}}}"
