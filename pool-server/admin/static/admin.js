// Takes the code of a link from behind the #, where only this page sees it, into the
// form, and out of the address and the history.
"use strict";
const field = document.getElementById("code");
if (field && location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  field.form.querySelector("button").focus();
}
