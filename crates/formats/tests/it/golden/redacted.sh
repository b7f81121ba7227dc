#!/bin/sh
# SCIM_TOKEN: access token
: "${SCIM_TOKEN:?set it to the access token}"

# 1: Entra: step 1 (200)
curl --fail-with-body -X GET \
  'http://127.0.0.1:8787/scim/v2/Users?filter=userName+eq+%22lena%40contoso.test%22' \
  -H 'Authorization: Bearer '"${SCIM_TOKEN}"

# 2: Entra: step 2 (201)
curl --fail-with-body -X POST \
  http://127.0.0.1:8787/scim/v2/Users \
  -H 'Authorization: Bearer '"${SCIM_TOKEN}" \
  -H 'Content-Type: application/scim+json; charset=utf-8' \
  --data-raw '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"lena@contoso.test","name":{"givenName":"Lena","familyName":"Ortiz"},"displayName":"Lena Ortiz","active":true,"emails":[{"value":"lena@contoso.test","type":"work"}]}'

# 3: Entra: step 3 (204)
curl --fail-with-body -X PATCH \
  http://127.0.0.1:8787/scim/v2/Groups/9f0b1c2d-0000-4000-8000-0000000000aa \
  -H 'Authorization: Bearer '"${SCIM_TOKEN}" \
  -H 'Content-Type: application/scim+json; charset=utf-8' \
  --data-raw '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"members","value":[{"value":"2819c223-7f76-453a-919d-413861904646"}]}]}'

# 4: Entra disabled Lena Ortiz (204)
curl --fail-with-body -X PATCH \
  http://127.0.0.1:8787/scim/v2/Users/2819c223-7f76-453a-919d-413861904646 \
  -H 'Authorization: Bearer '"${SCIM_TOKEN}" \
  -H 'Content-Type: application/scim+json; charset=utf-8' \
  --data-raw '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}'

# 5: Entra: step 5 (404)
curl --fail-with-body -X GET \
  'http://127.0.0.1:8787/scim/v2/Users/2819c223-7f76-453a-919d-413861904646?attributes=userName' \
  -H 'Authorization: Bearer '"${SCIM_TOKEN}"
