"""Whom a shop has to do with: customers and staff, over its own APIs and nothing else."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import requests

from tests.vendure.server import Vendure

ORDER = "code state totalWithTax couponCodes discounts{amountWithTax}"
REFUSED = "...on ErrorResult{errorCode message}"
HOME = {"streetLine1": "1 rue des Essais", "city": "Paris", "postalCode": "75001", "countryCode": "FR"}


class Api:
    """One of the shop's two GraphQL addresses, and who speaks to it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def call(self, query: str, **variables: Any) -> Any:
        """The one field of the answer's data."""
        answer = self._session.post(self._url, json={"query": query, "variables": variables}, timeout=30)
        token = answer.headers.get("vendure-auth-token")
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        found = answer.json()
        assert "errors" not in found, found
        (value,) = found["data"].values()
        return value

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()


@dataclass(frozen=True)
class Coupon:
    """What a coupon did to a cart: minor units off, and the shop's error code when it refused."""

    discount: int
    refusal: str | None = None


@dataclass(frozen=True)
class Bought:
    """An order after payment; amounts in minor units with tax. `refusal`: why payment was not taken."""

    code: str
    state: str
    total: int
    discount: int
    refusal: str | None = None


class Shopper(Api):
    """A customer with a cart of their own."""

    def __init__(self, shop: Vendure) -> None:
        super().__init__(shop.shop_url)

    def variant(self, sku: str) -> dict[str, Any]:
        """`{id sku name priceWithTax currencyCode stockLevel}` of the article."""
        listed = self.call(
            "{products{items{variants{id sku name priceWithTax currencyCode stockLevel}}}}",
        )
        every = [variant for product in listed["items"] for variant in product["variants"]]
        (found,) = (variant for variant in every if variant["sku"] == sku)
        return dict(found)

    def put(self, sku: str, quantity: int = 1) -> int:
        """Put the article into the cart; the cart's total."""
        cart = self.call(
            f"mutation($id:ID!,$n:Int!){{addItemToOrder(productVariantId:$id,quantity:$n){{"
            f"...on Order{{{ORDER}}} {REFUSED}}}}}",
            id=self.variant(sku)["id"],
            n=quantity,
        )
        assert "errorCode" not in cart, cart
        return int(cart["totalWithTax"])

    def apply_coupon(self, code: str) -> Coupon:
        """Type a code in the cart."""
        cart = self.call(
            f"mutation($code:String!){{applyCouponCode(couponCode:$code){{"
            f"...on Order{{{ORDER}}} {REFUSED}}}}}",
            code=code,
        )
        return Coupon(_discount(cart), cart.get("errorCode"))

    def check_out(self, email: str = "ann@example.com") -> Bought:
        """Say who and where, and pay."""
        person = {"firstName": "Ann", "lastName": "Of the chat", "emailAddress": email}
        self.call(
            f"mutation($p:CreateCustomerInput!){{setCustomerForOrder(input:$p){{__typename {REFUSED}}}}}",
            p=person,
        )
        self.call(
            f"mutation($a:CreateAddressInput!){{setOrderShippingAddress(input:$a){{__typename {REFUSED}}}}}",
            a=HOME,
        )
        (method, *_) = self.call("{eligibleShippingMethods{id}}")
        self.call(
            f"mutation($id:[ID!]!){{setOrderShippingMethod(shippingMethodId:$id){{__typename {REFUSED}}}}}",
            id=[method["id"]],
        )
        self.call(
            'mutation{transitionOrderToState(state:"ArrangingPayment"){__typename '
            "...on OrderStateTransitionError{transitionError}}}"
        )
        return self.pay()

    def pay(self) -> Bought:
        """Pay the order that is ready for it; once more, when the first time was refused."""
        paid = self.call(
            f'mutation{{addPaymentToOrder(input:{{method:"dummy",metadata:{{}}}}){{'
            f"...on Order{{{ORDER}}} {REFUSED}}}}}"
        )
        if "errorCode" in paid:
            kept = self.call(f"{{activeOrder{{{ORDER}}}}}")
            return _bought(kept, paid["errorCode"])
        return _bought(paid)


class Staff(Api):
    """The shop's people, logged in."""

    def __init__(self, shop: Vendure) -> None:
        super().__init__(shop.admin_url)
        entered = self.call(
            "mutation($name:String!,$word:String!){login(username:$name,password:$word){__typename}}",
            name=shop.username,
            word=shop.password,
        )
        assert entered["__typename"] == "CurrentUser", entered

    def make_coupon(
        self,
        code: str,
        *,
        percent: int = 20,
        ends_at: datetime | None = None,
        limit: int | None = None,
        name: str = "Ours",
    ) -> str:
        """A promotion of the shop's own with that code; its id."""
        off = {"name": "discount", "value": str(percent)}
        promotion = {
            "enabled": True,
            "couponCode": code,
            "endsAt": ends_at.isoformat() if ends_at else None,
            "usageLimit": limit,
            "conditions": [],
            "actions": [{"code": "order_percentage_discount", "arguments": [off]}],
            "translations": [{"languageCode": "en", "name": name}],
        }
        made = self.call(
            "mutation($p:CreatePromotionInput!){"
            f"createPromotion(input:$p){{...on Promotion{{id}} {REFUSED}}}}}",
            p=promotion,
        )
        return str(made["id"])

    def promotions(self, code: str) -> list[dict[str, Any]]:
        """Every promotion with that code, off or on."""
        listed = self.call(
            "query($code:String!){promotions(options:{filter:{couponCode:{eq:$code}}}){"
            "items{id enabled startsAt endsAt usageLimit couponCode actions{code args{name value}}}}}",
            code=code,
        )
        return list(listed["items"])

    def sign_out(self, token: str) -> None:
        """End the session of that token."""
        mine = self._session.headers["Authorization"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.call("mutation{logout{success}}")
        self._session.headers["Authorization"] = mine

    def make_api_key(self) -> str:
        """A key with all rights."""
        roles = self.call('{roles(options:{filter:{code:{eq:"__super_admin_role__"}}}){items{id}}}')
        made = self.call(
            "mutation($key:CreateApiKeyInput!){createApiKey(input:$key){...on CreateApiKeyResult{apiKey}}}",
            key={
                "roleIds": [roles["items"][0]["id"]],
                "translations": [{"languageCode": "en", "name": "bot"}],
            },
        )
        return str(made["apiKey"])

    def hire(self, rights: list[str]) -> str:
        """A new user with these rights and the password `hired`; its name."""
        name = f"bot{uuid.uuid4().hex}@shop.example"
        role = {"code": name, "description": name, "permissions": rights}
        made = self.call("mutation($role:CreateRoleInput!){createRole(input:$role){id}}", role=role)
        person = {
            "firstName": "A",
            "lastName": "Bot",
            "emailAddress": name,
            "password": "hired",
        }
        self.call(
            "mutation($who:CreateAdministratorInput!){createAdministrator(input:$who){id}}",
            who={**person, "roleIds": [made["id"]]},
        )
        return name

    def cancel(self, order_code: str) -> str:
        """Cancel the order; its state."""
        cancelled = self.call(
            f'mutation($id:ID!){{cancelOrder(input:{{orderId:$id,reason:"changed my mind"}}){{'
            f"...on Order{{state}} {REFUSED}}}}}",
            id=self._order(order_code)["id"],
        )
        assert "errorCode" not in cancelled, cancelled
        return str(cancelled["state"])

    def refund(self, order_code: str, amount: int) -> None:
        """Give back `amount` minor units of the order's payment, settled at once."""
        payment = self._order(order_code)["payments"][0]["id"]
        asked = {"paymentId": payment, "amount": amount, "shipping": 0, "adjustment": 0, "lines": []}
        made = self.call(
            f"mutation($r:RefundOrderInput!){{refundOrder(input:$r){{...on Refund{{id}} {REFUSED}}}}}",
            r=asked,
        )
        settled = self.call(
            f'mutation($id:ID!){{settleRefund(input:{{id:$id,transactionId:"back"}}){{'
            f"...on Refund{{state}} {REFUSED}}}}}",
            id=made["id"],
        )
        assert settled == {"state": "Settled"}, settled

    def set_stock(self, sku: str, pieces: int) -> None:
        """Count the shelf anew."""
        self._update_variant(sku, stockOnHand=pieces)

    def set_price(self, sku: str, amount: int) -> None:
        """Another price, in minor units with tax."""
        self._update_variant(sku, price=amount)

    def _update_variant(self, sku: str, **change: Any) -> None:
        listed = self.call(
            "query($sku:String!){productVariants(options:{filter:{sku:{eq:$sku}}}){items{id}}}", sku=sku
        )
        (variant,) = listed["items"]
        self.call(
            "mutation($v:[UpdateProductVariantInput!]!){updateProductVariants(input:$v){id}}",
            v=[{"id": variant["id"], **change}],
        )

    def _order(self, code: str) -> dict[str, Any]:
        listed = self.call(
            "query($code:String!){orders(options:{filter:{code:{eq:$code}}}){items{id payments{id}}}}",
            code=code,
        )
        (found,) = listed["items"]
        return dict(found)


def _discount(order: dict[str, Any]) -> int:
    return -sum(int(one["amountWithTax"]) for one in order.get("discounts", ()))


def _bought(order: dict[str, Any], refusal: str | None = None) -> Bought:
    return Bought(order["code"], order["state"], order["totalWithTax"], _discount(order), refusal)
