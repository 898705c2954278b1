"""What we ask of Shopify's Admin API, and what each query costs at most.

Source: Shopify's own schema of 2026-10, against which each of these was validated (read 2026-11-26). Costs by
its documented rule: an object 1, a list 2 and what it has room for, a change 10. An answer tells the true
cost.
"""

from dataclasses import dataclass

VARIANTS_PAGE = 50
ORDERS_PAGE = 25
LINES_PAGE = 50
CODES_PAGE = 100


@dataclass(frozen=True, slots=True)
class Query:
    """A query, and the points that Shopify sets aside for it."""

    text: str
    points: int


_MONEY = "{shopMoney{amount currencyCode}}"
_DISCOUNT = "{...on DiscountCodeBasic{tags status startsAt endsAt}}"
_NODE = "{id codeDiscount" + _DISCOUNT + "}"
_ERRORS = "userErrors{field code message}"

SHOP = Query("query Shop{shop{name currencyCode taxesIncluded}}", 1)
SCOPES = Query("query Scopes{currentAppInstallation{accessScopes{handle}}}", 20)
ORDERS_READABLE = Query("query OrdersReadable{orders(first:1){nodes{id}}}", 3)

_REFERENCE = "metafield(namespace:$namespace,key:$key){type value}"


def variants(*, has_reference: bool) -> Query:
    """Articles by a search. `has_reference`: with the metafield that is told as `namespace` and `key`."""
    given = ",$namespace:String!,$key:String!" if has_reference else ""
    more = _REFERENCE if has_reference else ""
    text = (
        f"query Variants($first:Int!,$search:String,$after:String{given}){{shop{{currencyCode}}"
        "productVariants(first:$first,query:$search,after:$after){pageInfo{hasNextPage endCursor}nodes{"
        f"id sku title price availableForSale sellableOnlineQuantity inventoryPolicy {more}"
        f"product{{title status onlineStoreUrl featuredMedia{{preview{{image{{url}}}}}} {more}}}}}}}}}"
    )
    return Query(text, 3 + VARIANTS_PAGE * (7 if has_reference else 5))


OURS = Query(
    "query Ours($search:String!){discountNodes(first:10,query:$search){nodes{id discount" + _DISCOUNT + "}}}",
    22,
)
DISCOUNT = Query("query Discount($id:ID!){node(id:$id){...on DiscountCodeNode" + _NODE + "}}", 2)


def by_codes(count: int) -> Query:
    """`count` codes looked up at once, `$c0` and on, told as `c0` and on."""
    given = ",".join(f"$c{n}:String!" for n in range(count))
    asked = " ".join(f"c{n}:codeDiscountNodeByCode(code:$c{n}){_NODE}" for n in range(count))
    return Query(f"query ByCodes({given}){{{asked}}}", 2 * count)


CREATE = Query(
    "mutation Create($input:DiscountCodeBasicInput!){discountCodeBasicCreate(basicCodeDiscount:$input)"
    "{codeDiscountNode" + _NODE + _ERRORS + "}}",
    10,
)
UPDATE = Query(
    "mutation Update($id:ID!,$input:DiscountCodeBasicInput!)"
    "{discountCodeBasicUpdate(id:$id,basicCodeDiscount:$input)"
    "{codeDiscountNode" + _NODE + _ERRORS + "}}",
    10,
)
DEACTIVATE = Query(
    "mutation Deactivate($id:ID!){discountCodeDeactivate(id:$id){codeDiscountNode" + _NODE + _ERRORS + "}}",
    10,
)
ADD = Query(
    "mutation Add($id:ID!,$codes:[DiscountRedeemCodeInput!]!)"
    "{discountRedeemCodeBulkAdd(discountId:$id,codes:$codes){bulkCreation{id}" + _ERRORS + "}}",
    10,
)
JOB = Query("query Job($id:ID!){discountRedeemCodeBulkCreation(id:$id){done importedCount failedCount}}", 1)
JOB_CODES = Query(
    "query JobCodes($id:ID!,$after:String){discountRedeemCodeBulkCreation(id:$id){"
    f"codes(first:{CODES_PAGE},after:$after){{nodes{{code errors{{code}}}}"
    "pageInfo{hasNextPage endCursor}}}}",
    3 + 2 * CODES_PAGE,
)

_ORDER = (
    "{id test createdAt updatedAt cancelledAt displayFinancialStatus discountCodes "
    f"totalPriceSet{_MONEY}totalDiscountsSet{_MONEY}currentTotalDiscountsSet{_MONEY}totalRefundedSet{_MONEY}"
    "discountApplications(first:3){nodes{...on DiscountCodeApplication{code}}}}"
)
ORDERS = Query(
    f"query Orders($search:String!,$after:String){{orders(first:{ORDERS_PAGE},after:$after,"
    f"sortKey:UPDATED_AT,query:$search){{nodes{_ORDER}pageInfo{{hasNextPage endCursor}}}}}}",
    2 + ORDERS_PAGE * 14,
)
ORDER = Query(f"query Order($id:ID!){{order(id:$id){_ORDER}}}", 14)
LINES = Query(
    f"query Lines($id:ID!,$after:String){{order(id:$id){{lineItems(first:{LINES_PAGE},after:$after){{nodes{{"
    f"discountAllocations{{allocatedAmountSet{_MONEY}"
    "discountApplication{...on DiscountCodeApplication{code}}}}pageInfo{hasNextPage endCursor}}}}",
    3 + 5 * LINES_PAGE,
)

HOOKS = Query(
    "query Hooks($after:String){webhookSubscriptions(first:50,after:$after)"
    "{nodes{topic uri}pageInfo{hasNextPage endCursor}}}",
    52,
)
MAKE_HOOK = Query(
    "mutation MakeHook($topic:WebhookSubscriptionTopic!,$input:WebhookSubscriptionInput!)"
    "{webhookSubscriptionCreate(topic:$topic,webhookSubscription:$input)"
    "{webhookSubscription{id}userErrors{field message}}}",
    10,
)
