// Addresses of Odoo 16 and 17 carry the record in the fragment: /web#id=5&model=crm.lead.
const asked = new URLSearchParams(location.hash.slice(1));
const id = Number(asked.get("id"));
if (location.pathname === "/web" && id && asked.get("model") === "crm.lead") {
  location.replace(`/odoo/crm.lead/${id}`);
}
